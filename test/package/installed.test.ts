import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repository } from '../support/project.ts'

// What a user gets: the packed tarball, installed by npm into a project of its own.

const spec = `
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, hypothesis, rollback, steadyState, traffic } from 'chaos-test'

let server: Server
beforeAll(async () => {
  server = createServer((_, response) => response.end('hello')).listen(45_871, '127.0.0.1')
  await once(server, 'listening')
  await steadyState('users are answered', async () => {
    expect(await users.for('200ms')).toHaveNoErrors()
  })
})
const users = traffic({ url: 'http://127.0.0.1:45871/', rate: '50/s' })

hypothesis('nothing happens to our users', async ({ signal }) => {
  expect(signal).toBeInstanceOf(AbortSignal)
  const observed = await users.during(async () => 'done', { atLeast: '1s' })
  expect(observed.result).toBe('done')
  expect(observed).toHaveNoErrors()
})
afterAll(rollback)
afterAll(() => void server.close())
`

let packed: string
let tarball: string

beforeAll(() => {
  packed = mkdtempSync(join(tmpdir(), 'chaos-packed-'))
  // Without scripts: what was built is packed as it is.
  npm(repository, ['pack', '--ignore-scripts', '--pack-destination', packed])
  tarball = join(packed, readdirSync(packed)[0] ?? '')
})

afterAll(() => rmSync(packed, { recursive: true, force: true }))

function npm(cwd: string, args: readonly string[]): string {
  return run(cwd, 'npm', args)
}

/** As a user's shell would, with a Node.js that is new enough. @throws with all the output when it fails */
function run(cwd: string, command: string, args: readonly string[]): string {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    NO_COLOR: '1',
    VITEST: undefined,
    NODE_ENV: undefined,
    TEST: undefined,
  }
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}

function install(packages: readonly string[]): string {
  const folder = mkdtempSync(join(packed, 'project-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  npm(folder, ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...packages])
  mkdirSync(join(folder, 'specs'))
  writeFileSync(join(folder, 'specs', 'nothing.chaos.ts'), spec)
  return folder
}

test('the package holds what a user needs, and nothing else', () => {
  const [{ files }] = JSON.parse(npm(repository, ['pack', '--ignore-scripts', '--dry-run', '--json']))
  const folders = new Set(files.map(({ path }: { path: string }) => path.split('/')[0]))
  expect([...folders].sort()).toEqual(
    expect.arrayContaining(['LICENSE', 'NOTICE', 'README.md', 'bin', 'dist', 'package.json']),
  )
  const paths = files.map(({ path }: { path: string }) => path)
  expect(paths).toEqual(
    expect.arrayContaining(['dist/src/index.js', 'dist/src/index.d.ts', 'dist/src/lab/network/hook.mjs']),
  )
  expect(paths).toEqual(
    expect.arrayContaining(['dist/src/matchers/on-jest-expect.js', 'dist/src/matchers/on-jest-expect.d.ts']),
  )
  expect(paths.filter((path: string) => /^(src|test|specs|bench)\//.test(path))).toEqual([])
})

test('in an empty project, with a TypeScript spec and no config', () => {
  const folder = install([])
  const output = run(folder, 'npx', ['chaos-test'])
  expect(output).toMatch(/1 hypothesis: 1 held/)
  const { verdict } = JSON.parse(readFileSync(join(folder, '.chaos/latest/journal.json'), 'utf8'))
  expect(verdict).toBe('held')
})

describe.each(['4', '5'])('in a project that has its own Vitest %s', (major) => {
  test('both commands do what they did', () => {
    const folder = install([`vitest@${major}`])
    writeFileSync(
      join(folder, 'vitest.config.ts'),
      `import { defineConfig } from 'vitest/config'
       export default defineConfig({ test: { include: ['**/*.test.ts'], globals: true, setupFiles: ['./setup.ts'] } })`,
    )
    writeFileSync(join(folder, 'setup.ts'), `globalThis.setUp = true`)
    writeFileSync(join(folder, 'own.test.ts'), `test('own', () => { expect(globalThis.setUp).toBe(true) })`)

    expect(run(folder, 'npx', ['vitest', 'run'])).toMatch(/1 passed/)
    expect(run(folder, 'npx', ['chaos-test'])).toMatch(/1 hypothesis: 1 held/)
    expect(run(folder, 'npx', ['vitest', 'run'])).toMatch(/1 passed/)
  })
})

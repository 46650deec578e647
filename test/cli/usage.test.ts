import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Project, repository } from '../support/project.ts'

const minimal = `import { hypothesis } from 'chaos-test'\nhypothesis('holds', async () => {})\n`

async function refusal(files: Record<string, string>, args: readonly string[] = []) {
  const project = new Project(files)
  const result = await project.run(args)
  const leftovers = { survivors: project.survivors(), ran: existsSync(project.path('.chaos/latest')) }
  expect(leftovers).toEqual({ survivors: [], ran: false })
  expect(result.stderr.match(/\[CHAOS_\w+\]/g), 'one error, with a code').toHaveLength(1)
  return result
}

test('no spec file matches', async () => {
  const { exitCode, stderr } = await refusal({ 'a.chaos.ts': minimal }, ['nothing-like-it'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/no spec file matches "nothing-like-it", and there is no such command.*\[CHAOS_NO_SPECS\]/)
})

test('there is no spec file yet', async () => {
  const { exitCode, stderr } = await refusal({})
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/there is no spec file.*"chaos-test init" writes a first one.*\[CHAOS_NO_SPECS\]/)
})

test('an unknown flag', async () => {
  const { exitCode, stderr } = await refusal({ 'a.chaos.ts': minimal }, ['--dry-rnu'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/Unknown option '--dry-rnu'.*--help.*\[CHAOS_USAGE\]/)
})

test('a spec that does not compile', async () => {
  const { exitCode, stderr } = await refusal({ 'a.chaos.ts': `${minimal}\nconst = ;` })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/a\.chaos\.ts:4:7.*\[CHAOS_SPEC_BROKEN\]/s)
})

test('a spec that throws while it is collected, beside one that is fine', async () => {
  const { exitCode, stderr } = await refusal({
    'a.chaos.ts': minimal,
    'b.chaos.ts': `throw new Error('broken at the top level')`,
  })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/b\.chaos\.ts: broken at the top level.*\[CHAOS_SPEC_BROKEN\]/)
})

test('a concurrent hypothesis', async () => {
  const { exitCode, stderr } = await refusal({
    'a.chaos.ts': `import { hypothesis } from 'chaos-test'\nhypothesis.concurrent('two at a time', async () => {})`,
  })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('cannot be concurrent: experiments own their target')
})

test('a handle that is used at the top level', async () => {
  const { exitCode, stderr } = await refusal({
    'a.chaos.ts': `import { kubernetes } from 'chaos-test'\nawait kubernetes.deployment('service2').restart()`,
  })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/inside a hook or a hypothesis/)
})

test('a config with a setting that does not exist', async () => {
  const { exitCode, stderr } = await refusal({
    'a.chaos.ts': minimal,
    'chaos.config.ts': `export default { lab: { manifest: [], images: { web: { command: 'node' } } }, timeouts: { hook: 'soon' } }`,
  })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(
    /command: expected a list, found "node".*lab\.manifest: there is no such setting; did you mean manifests\?.*timeouts\.hook: expected a duration.*\[CHAOS_CONFIG_INVALID\]/,
  )
})

test('a config that cannot be loaded, or is not there', async () => {
  const broken = await refusal({ 'a.chaos.ts': minimal, 'chaos.config.ts': `throw new Error('no config today')` })
  expect(broken).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no config today [CHAOS_CONFIG_BROKEN]'),
  })
  const missing = await refusal({ 'a.chaos.ts': minimal }, ['--config', 'other.config.ts'])
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[CHAOS_CONFIG_NOT_FOUND]') })
})

test('a namespace without a cluster: nothing acts on a cluster that was not named', async () => {
  const { exitCode, stderr } = await refusal({ 'a.chaos.ts': minimal }, ['--namespace', 'production'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('[CHAOS_TARGET_NOT_NAMED]')
})

test('a Node.js that is too old is told in one line', async () => {
  const pretend = `
    Object.defineProperty(process.versions, 'node', { value: '20.20.2' })
    import(${JSON.stringify(join(repository, 'bin/chaos-test.js'))})`
  const old = spawn(process.execPath, ['--input-type=module', '-e', pretend], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  old.stderr.on('data', (text) => {
    stderr += text
  })
  const [exitCode] = await once(old, 'close')
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/^chaos-test needs Node\.js 22\.19 or later .*\[CHAOS_NODE_TOO_OLD\]\n$/)
})

test('--help and --version', async () => {
  const project = new Project()
  const help = await project.run(['--help'])
  expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/run.*list.*recover.*lab.*Exit codes/s) })
  const version = await project.run(['--version'])
  expect(version).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('list needs no target and runs nothing', async () => {
  const project = new Project({
    'a.chaos.ts': `import { hypothesis } from 'chaos-test'
      hypothesis('first', async () => { throw new Error('ran') })
      hypothesis.skip('skipped', async () => {})
      hypothesis.each(['x', 'y'])('each %s', async () => {})
      hypothesis.deviates('last', async () => {})`,
  })
  const { exitCode, stdout } = await project.run(['list', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toEqual(
    ['first', 'each x', 'each y', 'last'].map((title) => ({ file: 'a.chaos.ts', title })),
  )
  expect(existsSync(project.path('.chaos'))).toBe(false)
})

test('a package of type "commonjs", as npm init makes it, may have its config, its actions and its specs in TypeScript', async () => {
  const project = new Project({
    'package.json': '{ "type": "commonjs" }',
    'chaos.config.ts': `import { defineConfig } from 'chaos-test/config'
      import { timeouts } from './timeouts.ts'
      export default defineConfig({ timeouts, actions: ['actions.ts'] })`,
    'timeouts.ts': `export const timeouts = { hook: '1m' } as const`,
    'actions.ts': `import { defineAction } from 'chaos-test/actions'
      export const turn = defineAction({ kind: 'test.turn', title: () => 'turn it',
        before: async () => 1, run: async () => {}, undo: async () => {}, verify: async () => true })`,
    'a.chaos.ts': `import { hypothesis } from 'chaos-test'
      import { turn } from './actions.ts'
      hypothesis('turns', async () => { await turn({}) })`,
  })
  const { exitCode, stdout, stderr } = await project.run([])
  expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0, stderr: '' })
  expect(stdout).toContain('✓ held  turns')
})

import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { lab, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'

const token = 'the-token-of-the-shop'
const password = 'correct-horse-battery'

let cluster: TestTarget

beforeAll(async () => {
  cluster = await lab.start()
})

afterAll(() => cluster.stop())

/** Every file of a folder and of those in it. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

test.each([
  ['a token of the environment', token, {}, { CHAOS_TEST_PROMETHEUS_BEARER_TOKEN: token }],
  ['a password of the config', password, { basicAuth: { username: 'me', password } }, {}],
])('%s lets a run in, and neither its output nor any file that it leaves has it', async (_, secret, access, env) => {
  const seen: (string | undefined)[] = []
  const server = createServer(({ headers }, response) => {
    seen.push(headers.authorization)
    const error = `nobody called ${Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64')} ${headers.authorization}`
    response.writeHead(422).end(JSON.stringify({ status: 'error', errorType: 'execution', error }))
  })
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}`
  onTestFinished(() => void server.close())
  const project = new Project({
    'chaos.config.ts': `export default { prometheus: ${JSON.stringify({ url, ...access })} }`,
    'a.chaos.ts': `
      import { hypothesis, prometheus } from 'chaos-test'
      hypothesis('all is well', async () => {
        await prometheus.counter('responses_total').during(prometheus.last('1s')).increase()
      })`,
  })
  const { kubeconfig } = cluster.target
  const run = await project.run(['--context', 'lab', '--kubeconfig', kubeconfig, '--namespace', 'default'], env)

  const sent = seen.at(-1) ?? ''
  expect(sent.startsWith('Basic') ? Buffer.from(sent.slice(6), 'base64').toString() : sent).toContain(secret)
  expect(run).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('nobody called') })
  const left = filesIn(project.path('.chaos')).map((path) => readFileSync(path, 'utf8'))
  expect(left.join('\n')).toContain('nobody called')
  for (const text of [run.stdout, run.stderr, ...left]) {
    for (const form of [secret, sent.slice(6)]) expect(text).not.toContain(form)
  }
})

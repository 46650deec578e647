import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { flawsOf } from '../journal/schemas.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { startReceiver } from '../tracing/receiver.ts'

/** One for each way in which a run can know that something is secret. */
const secrets = {
  text: 'planted-by-text',
  pattern: 'shop_0123456789abcdef',
  environment: 'planted-by-environment',
  manifest: 'planted-in-a-manifest',
  image: 'planted-in-an-image',
  collector: 'planted-for-the-collector',
  prometheus: 'planted-for-prometheus',
  bearer: 'planted.bearer.token',
}

const all = Object.values(secrets)

test('no secret is in anything that a run leaves or shows', async () => {
  const users = createServer((_, response) => response.writeHead(500).end()).listen(0, '127.0.0.1')
  onTestFinished(() => void users.close())
  await new Promise((resolve) => users.once('listening', resolve))
  const { port } = users.address() as AddressInfo
  const collector = await startReceiver()
  const project = new Project()
  const everything = `[${all.map((secret) => JSON.stringify(secret)).join(', ')}].join(' ')`.replace(
    JSON.stringify(secrets.bearer),
    JSON.stringify(`Authorization: Bearer ${secrets.bearer}`),
  )
  addFileSpec(
    project,
    'a.chaos.ts',
    `
    import { traffic } from 'chaos-test'
    const everything = ${everything}
    beforeAll(() => steadyState('sees ' + everything, () => { console.log('console:', everything) }))
    hypothesis.each([{ everything }])('titled $everything', async () => {
      finding('found ' + everything, { everything, headers: { authorization: 'Basic ${secrets.bearer}' } })
      await perform(
        { kind: 'file.text', args: { path, text: 'v1' } },
        { title: 'act on ' + everything, before: { everything }, after: [everything] },
        async () => {},
      )
      await traffic({ name: everything, url: 'http://127.0.0.1:${port}/?q=' + encodeURIComponent(everything), rate: '20/s' }).for('200ms')
      expect(everything).toBe('something else')
    })
    hypothesis('throws', async () => { throw new Error('broken: ' + everything, { cause: new Error(everything) }) })
    hypothesis('rejects', async () => { console.error(everything); await Promise.reject({ everything }) })
    afterAll(() => { throw new Error('after all: ' + everything) })
    `,
  )
  project.write({
    'secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: shop }\nstringData: { key: ${secrets.manifest} }\n`,
    'chaos.config.ts': `export default {
      actions: ['actions.ts'],
      redact: ['${secrets.text}', /shop_[0-9a-f]{16}/],
      lab: { manifests: ['secret.yaml'], images: { shop: { command: ['true'], env: { API_TOKEN: '${secrets.image}' } } } },
      prometheus: { url: 'http://127.0.0.1:9', bearerToken: '${secrets.prometheus}' },
      traces: { endpoint: '${collector.url}', headers: { 'x-key': '${secrets.collector}' } },
    }`,
  })

  const args = ['--reporter', 'junit', '--reporter', 'tap', '--reporter', 'github-actions']
  const env = { SHOP_PASSWORD: secrets.environment, GITHUB_STEP_SUMMARY: project.path('summary.md') }
  const { exitCode, stdout, stderr } = await project.run([...args, '--output-file', 'reported'], env)
  expect(exitCode).toBe(5)

  const folder = realpathSync(project.path('.chaos/latest'))
  const shown = new Map([
    ['the terminal', stdout],
    ['stderr', stderr],
    ['the collector', JSON.stringify(collector.traces)],
    ...filesUnder(folder).map((path): [string, string] => [path, readFileSync(join(folder, path), 'utf8')]),
    ...['reported', 'summary.md'].map((name): [string, string] => [name, readFileSync(project.path(name), 'utf8')]),
  ])
  for (const [place, text] of shown) {
    for (const secret of all) expect(text, `${secret} in ${place}`).not.toContain(secret)
  }
  // What the secrets stood in is there.
  expect(stdout).toContain('console: [redacted]')
  expect(stdout).toMatch(/found \[redacted\]/)
  expect(shown.get('events.ndjson')).toContain('act on [redacted]')
  expect(shown.get('traces.json')).toContain('act on [redacted]')
  expect(shown.get('the collector')).toContain('act on [redacted]')
  expect(shown.get('reported')).toContain('broken: [redacted]')
  expect(shown.get('journal.json')).toContain('titled [redacted]')
  expect(flawsOf('journal', JSON.parse(shown.get('journal.json') ?? ''))).toEqual([])
  for (const journal of project.experiments()) {
    expect(flawsOf('experiment', journal)).toEqual([])
    expect(flawsOf('journal', journal)).toEqual([])
    expect(flawsOf('chaosToolkit', journal)).toEqual([])
  }
  // The logs are private, and what was secret is not kept beside them.
  expect(statSync(join(folder, 'logs')).mode & 0o077).toBe(0)
  expect(readdirSync(join(folder, 'logs'))).not.toContain('redaction.json')
})

test('whoever ends a run in the place of its command hides them, too', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `hypothesis('it holds', async () => {
      finding('found ${secrets.text}')
      await setTarget('${secrets.text}')
      reached('acted')
      await forever()
    })`,
  )
  project.write({ 'chaos.config.ts': `export default { actions: ['actions.ts'], redact: ['${secrets.text}'] }` })
  const command = project.start([])
  await expect.poll(() => project.list('.'), { timeout: 60_000 }).toContain('acted')
  command.process.kill('SIGKILL')
  await command.ended
  await expect.poll(() => project.list('.chaos'), { timeout: 60_000 }).toContain('latest')
  const folder = realpathSync(project.path('.chaos/latest'))
  for (const path of filesUnder(folder)) {
    expect(readFileSync(join(folder, path), 'utf8'), path).not.toContain(secrets.text)
  }
  expect(readFileSync(join(folder, 'events.ndjson'), 'utf8')).toContain('found [redacted]')
  expect(readdirSync(join(folder, 'logs'))).not.toContain('redaction.json')
})

/** All files that are for everybody: the logs, and what the guardian and the lab write for their owner, are not. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('logs/') && !path.startsWith('lab-'))
}

test('nothing that a spec hands to its target, or hears from it, under a secret name is shown', async () => {
  const planted = {
    env: 'planted-by-setenv',
    patch: 'planted-by-patch',
    created: 'planted-by-create',
    changed: 'planted-by-change',
    command: 'planted-in-a-command',
    output: 'planted-in-an-output',
    bearer: 'planted.by.header',
    key: 'planted-by-key',
    cookie: 'planted-by-cookie',
    password: 'planted-by-basic-auth',
    url: 'planted-in-a-url',
  }
  const project = new Project({
    'web.mjs': `import { createServer } from 'node:http'
      createServer((_, response) => response.writeHead(500).end()).listen(8000, process.env.POD_IP)`,
    'web.yaml': JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'web',
                image: 'shop/web:v1',
                env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
              },
            ],
          },
        },
      },
    }),
    'service.yaml': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8000 }] },
    }),
    'chaos.config.ts': `export default {
      lab: { manifests: ['web.yaml', 'service.yaml'], images: { 'shop/web': { command: ['node', 'web.mjs'] } } },
    }`,
    'a.chaos.ts': `
      import { expect, finding, hypothesis, irreversible, kubernetes, traffic } from 'chaos-test'
      const web = kubernetes.deployment('web')
      hypothesis('hands over', async () => {
        await web.setEnv('web', { DB_PASSWORD: '${planted.env}' })
        await web.rolledOut({ within: '60s' })
        const container = { name: 'web', env: [{ name: 'API_TOKEN', value: '${planted.patch}' }] }
        await web.patch({ spec: { template: { spec: { containers: [container] } } } })
        await web.rolledOut({ within: '60s' })
        const secret = kubernetes.object({ apiVersion: 'v1', kind: 'Secret', name: 'shop' })
        await secret.create({ stringData: { key: '${planted.created}' } })
        await secret.patch({ stringData: { key: '${planted.changed}' } })
      })
      hypothesis('calls', async () => {
        const url = kubernetes.service('web').url('/')
        const headers = {
          authorization: 'Bearer ${planted.bearer}',
          'x-api-key': '${planted.key}',
          cookie: 'sid=${planted.cookie}',
        }
        expect(await traffic({ url, rate: '20/s', headers }).for('300ms')).toHaveNoErrors()
      })
      hypothesis('lets itself in', async () => {
        const auth = { user: 'shop', password: '${planted.password}' }
        const observed = await traffic({ url: kubernetes.service('web').url('/'), rate: '20/s', auth }).for('300ms')
        expect(observed).toHaveNoErrors()
      })
      hypothesis('names itself in a URL', async () => {
        await traffic({ url: 'http://shop:${planted.url}@127.0.0.1/', rate: '20/s' }).for('300ms')
      })
      hypothesis('runs a command', async () => {
        const command = ['sh', '-c', 'echo DB_PASSWORD=${planted.output}', '--password', '${planted.command}']
        const [result] = await web.pods().exec(command, { undo: irreversible('it only prints') })
        finding('it printed', result)
        throw new Error('The command printed: ' + result?.stdout)
      })
    `,
  })
  const { stdout, stderr } = await project.run([], {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: project.path('s.md'),
  })
  const folder = realpathSync(project.path('.chaos/latest'))
  const shown = [
    ['the terminal', stdout],
    ['stderr', stderr],
    ['the summary', project.read('s.md')],
    ...filesUnder(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  ] as const
  const forms = Object.values(planted).flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
  const found = forms.flatMap((secret) => {
    return shown.filter(([, text]) => text.includes(secret)).map(([place]) => `${secret} in ${place}`)
  })
  expect(found).toEqual([])
  const events = readFileSync(join(folder, 'events.ndjson'), 'utf8')
  const told = [
    'DB_PASSWORD',
    'patch deployment/web',
    'create secret/shop',
    'patch secret/shop',
    '127.0.0.1',
    'it printed',
  ]
  expect(told.filter((words) => !events.includes(words))).toEqual([])
}, 180_000)

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Project } from '../support/project.ts'

const spec = `import { hypothesis } from 'chaos-test'\nhypothesis('holds', async () => {})\n`

function deployment(image: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 }, periodSeconds: 1 }
`
}

const server = `
import { createServer } from 'node:http'
createServer((_, response) => response.end('ok')).listen(8000, '0.0.0.0')
`

function config(images: object): string {
  return `export default { lab: { manifests: ['web.yaml'], images: ${JSON.stringify(images)} } }`
}

async function refusal(files: Record<string, string>) {
  const project = new Project({ 'a.chaos.ts': spec, ...files })
  const result = await project.run([])
  await expect.poll(() => project.survivors(), { timeout: 10_000 }).toEqual([])
  expect(existsSync(project.path('.chaos/latest'))).toBe(false)
  return result
}

test('a manifest that is not there', async () => {
  const { exitCode, stderr } = await refusal({ 'chaos.config.ts': config({}) })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(/web\.yaml.*\[CHAOS_MANIFEST_NOT_FOUND\]/s),
  })
})

test('a manifest that is no YAML, with the line', async () => {
  const { exitCode, stderr } = await refusal({ 'chaos.config.ts': config({}), 'web.yaml': 'kind: Pod\n  name: [\n' })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(/web\.yaml:\d+: .*not valid YAML.*\[CHAOS_MANIFEST_INVALID\]/),
  })
})

test('an image that the config does not know, with those that it knows', async () => {
  const { exitCode, stderr } = await refusal({
    'chaos.config.ts': config({ 'shop/api': { command: ['node', 'api.js'] } }),
    'web.yaml': deployment('shop/web:v1'),
  })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(/shop\/web:v1.*shop\/api.*\[CHAOS_IMAGE_UNKNOWN\]/s),
  })
})

test('a deployment that does not come up, with the words of its pod', async () => {
  const { exitCode, stderr } = await refusal({
    'chaos.config.ts': config({ 'shop/web': { command: ['node', '-e', 'throw new Error("no database")'] } }),
    'web.yaml': deployment('shop/web:v1').replace(
      'spec:\n  selector',
      'spec:\n  progressDeadlineSeconds: 3\n  selector',
    ),
  })
  expect(exitCode).toBe(5)
  expect(stderr).toMatch(/no database.*\[CHAOS_LAB_NOT_READY\]/s)
})

test('ports that are taken: the lab takes other addresses', async () => {
  const taken = createServer().listen(6443, '127.18.67.1')
  taken.on('error', () => undefined)
  onTestFinished(() => void taken.close())
  const project = new Project({ 'a.chaos.ts': spec })
  expect((await project.run([])).exitCode).toBe(0)
})

test('lab up serves kubectl until Ctrl-C, and leaves nothing behind', async () => {
  const project = new Project({
    'server.mjs': server,
    'chaos.config.ts': config({ 'shop/web': { command: ['node', 'server.mjs'] } }),
    'web.yaml': deployment('shop/web:v1'),
  })
  const lab = project.start(['lab', 'up'])
  await expect.poll(() => lab.stdout, { timeout: 30_000 }).toContain('KUBECONFIG=')
  const kubeconfig = /KUBECONFIG=(\S+)/.exec(lab.stdout)?.[1] ?? ''
  if (hasKubectl()) {
    const listed = execFileSync('kubectl', ['--kubeconfig', kubeconfig, 'get', 'deploy,rs,pods'], { encoding: 'utf8' })
    expect(listed).toMatch(/deployment\.apps\/web\s+1\/1/)
    expect(listed).toMatch(/pod\/web-\S+\s+1\/1\s+Running/)
  }
  process.kill(-(lab.process.pid ?? 0), 'SIGINT')
  const [exitCode] = await once(lab.process, 'exit')
  expect(exitCode).toBe(0)
  await expect.poll(() => project.survivors(), { timeout: 10_000 }).toEqual([])
  expect(existsSync(kubeconfig)).toBe(false)
})

/** @throws in CI, where it must be there */
function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' })
    return true
  } catch (error) {
    if (process.env.CI) throw error
    return false
  }
}

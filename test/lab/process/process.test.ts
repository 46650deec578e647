import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deployments, pods, services } from '../../../src/lab/client/index.ts'
import { type Lab, type LabInfo, type LabOptions, loopbackAddress, startLab } from '../../../src/lab/index.ts'
import { complete, eventually } from '../controllers/cluster.ts'
import { clientOf, isAlive, type Project, temporaryProject, webManifest } from './project.ts'

let project: Project
let labs: Lab[]

beforeEach(() => {
  project = temporaryProject()
  labs = []
})
afterEach(async () => {
  await Promise.all(labs.map((lab) => lab.stop()))
  project.remove()
})

async function start(options: LabOptions): Promise<Lab> {
  const lab = await startLab(options)
  labs.push(lab)
  return lab
}

test('a lab runs what its manifests say, and nothing of it is left when it is stopped', async () => {
  project.write('web.yaml', webManifest())
  const lab = await start(project.options(['web.yaml']))
  const { info } = lab
  expect(info.name).toBe('test')
  expect(statSync(info.kubeconfig).mode & 0o777).toBe(0o600)
  const client = clientOf(info.kubeconfig)
  const name = { namespace: 'default', name: 'web' }
  const { spec: service } = await client.get(services, name)
  const ask = async () => (await fetch(`http://${loopbackAddress(service?.clusterIP ?? '')}/`)).text()
  expect(await ask()).toBe(`v1 ${info.otlpUrl}`)

  await client.patch(deployments, name, { spec: { replicas: 2 } }, { subresource: 'scale', type: 'merge' })
  await complete(client, 'web')
  const template = { spec: { containers: [{ name: 'web', image: 'web:v2' }] } }
  await client.patch(deployments, name, { spec: { template } })
  await complete(client, 'web')
  await eventually('the new version answers', async () => (await ask()).startsWith('v2'))
  expect((await fetch(`${info.prometheusUrl}/api/v1/query?query=up`)).status).toBe(200)

  await client.remove(deployments, name)
  await eventually(
    'its pods are gone',
    async () => (await client.list(pods, { namespace: 'default' })).items.length === 0,
  )
  client.close()
  expect(isAlive(info.pid)).toBe(true)
  await lab.stop()
  expect(isAlive(info.pid)).toBe(false)
  expect(project.processes()).toEqual([])
}, 30_000)

describe('the owner of a lab', () => {
  test('takes it along when it is killed', async () => {
    project.write('web.yaml', webManifest())
    const program = fileURLToPath(new URL('./owner.ts', import.meta.url))
    const owner = spawn(process.execPath, [program, JSON.stringify(project.options(['web.yaml']))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(createInterface(owner.stdout), 'line')
      const info: LabInfo = JSON.parse(line)
      const running = project.processes()
      expect(running.length).toBeGreaterThan(0)
      // A Ctrl-C of the terminal is the owner's to answer.
      process.kill(info.pid, 'SIGINT')
      owner.kill('SIGKILL')
      await eventually('the lab and its pods are gone', async () => {
        return !isAlive(info.pid) && project.processes().length === 0
      })
    } finally {
      owner.kill('SIGKILL')
    }
  }, 30_000)

  test('hears why a lab could not be started: a manifest that the API refuses', async () => {
    project.write('web.yaml', webManifest('web:v1', 'replicas: -1'))
    const failure = start(project.options(['web.yaml']))
    await expect(failure).rejects.toMatchObject({
      code: 'CHAOS_MANIFEST_REFUSED',
      verdict: 'usage',
      message: expect.stringMatching(/^web\.yaml:2: Deployment "web" was refused by the lab's API: .*spec\.replicas/s),
    })
    expect(project.processes()).toEqual([])
  }, 30_000)

  test('hears what the pods of a deployment say that does not become available', async () => {
    project.write('web.yaml', webManifest('web:broken', 'progressDeadlineSeconds: 3'))
    const failure = start(project.options(['web.yaml']))
    await expect(failure).rejects.toMatchObject({
      code: 'CHAOS_LAB_NOT_READY',
      verdict: 'failed',
      message: expect.stringMatching(/deployment default\/web:.*exit code 3.*web \| no configuration, no service/s),
    })
    expect(project.processes()).toEqual([])
  }, 30_000)

  test('hears what their probes say, where the programs run', async () => {
    const manifest = webManifest('web:v1', 'progressDeadlineSeconds: 3')
    project.write('web.yaml', manifest.replace('httpGet: { path: /, port: 8000 }', 'tcpSocket: { port: 8001 }'))
    await expect(start(project.options(['web.yaml']))).rejects.toMatchObject({
      code: 'CHAOS_LAB_NOT_READY',
      message: expect.stringMatching(/container "web" is not ready after 0 restarts; Readiness probe failed: .*8001/),
    })
  }, 30_000)
})

import { existsSync, globSync } from 'node:fs'
import { CoreV1Api, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Lease } from '../../src/kubernetes/api/resources.ts'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from '../kubernetes/cluster.ts'
import { lab, type TestTarget } from '../kubernetes/targets.ts'
import { Project, type RunningCommand } from '../support/project.ts'

// Runs on a cluster that is named, as any: here it is a lab that somebody else has started. Each test starts several.
vi.setConfig({ testTimeout: 180_000 })

let cluster: TestTarget
let namespace: TestNamespace
let target: string[]
let objects: CustomObjectsApi
let core: CoreV1Api

beforeAll(async () => {
  cluster = await lab.start()
  const config = new KubeConfig()
  config.loadFromFile(cluster.target.kubeconfig)
  objects = config.makeApiClient(CustomObjectsApi)
  core = config.makeApiClient(CoreV1Api)
})

afterAll(async () => {
  await cluster?.stop()
})

beforeEach(async () => {
  namespace = await createNamespace(cluster.target)
  onTestFinished(() => namespace.remove())
  await namespace.addDeployment('web')
  const on = { kubeconfig: cluster.target.kubeconfig, context: 'lab', namespace: namespace.target.namespace }
  target = Object.entries(on).flatMap(([name, value]) => [`--${name}`, value])
})

const spec = `
  import { existsSync, writeFileSync } from 'node:fs'
  import { join } from 'node:path'
  import { hypothesis, kubernetes } from 'chaos-test'

  const at = (name: string) => join(process.cwd(), name)
  hypothesis('a new version', async () => {
    const web = kubernetes.deployment('web')
    await web.rolledOut({ within: '30s' })
    await web.setImage('web', '${otherGoodImage}')
    writeFileSync(at('acting'), String(process.pid))
    while (!existsSync(at('go-on'))) await new Promise((resolve) => setTimeout(resolve, 20))
  })
`

/** Starts a run on the namespace and waits until it has changed the deployment. */
async function startActing(): Promise<{ project: Project; command: RunningCommand }> {
  const project = new Project({ 'a.chaos.ts': spec })
  const command = project.start(target)
  await expect
    .poll(() => existsSync(project.path('acting')) || command.stdout + command.stderr, { timeout: 60_000 })
    .toBe(true)
  expect(await image()).toBe(otherGoodImage)
  return { project, command }
}

/** Kills the command, its worker and its guardian: nobody is left to undo anything. */
async function killAll({ project, command }: { project: Project; command: RunningCommand }): Promise<void> {
  const [owners] = globSync('.chaos/runs/*/owners.json', { cwd: project.folder })
  process.kill(JSON.parse(project.read(owners ?? '')).guardian.pid, 'SIGKILL')
  process.kill(-(command.process.pid ?? 0), 'SIGKILL')
  await command.ended
  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])
}

async function image(): Promise<string | undefined> {
  const { spec } = await namespace.apps.readNamespacedDeployment({ ...place(), name: 'web' })
  return spec?.template.spec?.containers[0]?.image
}

function place(): { namespace: string } {
  return { namespace: namespace.target.namespace }
}

async function readLease(): Promise<Lease> {
  return await objects.getNamespacedCustomObject({ ...leaseApi, ...place() })
}

const leaseApi = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', name: 'chaos-test' }

/** As if the holder was last heard of an hour ago. */
async function age(): Promise<void> {
  const lease = await readLease()
  const renewTime = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '000Z')
  const body = { ...lease, spec: { ...lease.spec, renewTime } }
  await objects.replaceNamespacedCustomObject({ ...leaseApi, ...place(), body })
}

async function remembered(): Promise<number> {
  return (await core.listNamespacedSecret({ ...place(), labelSelector: 'chaos-test/run' })).items.length
}

async function nothingIsHeld(): Promise<void> {
  expect(await image()).toBe(goodImage)
  expect(await remembered()).toBe(0)
  expect((await readLease()).spec).not.toHaveProperty('holderIdentity')
}

test('one run at a time: the second is refused with the name of the first, and nothing of it is left', async () => {
  const { project, command } = await startActing()
  const { holderIdentity = '' } = (await readLease()).spec
  expect(holderIdentity.split(' ')[0]).toBe(project.list('.chaos/runs')[0])
  expect(await remembered()).toBe(1)

  const second = new Project({ 'a.chaos.ts': spec })
  const refused = await second.run(target)
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_TARGET_LOCKED') })
  expect(refused.stderr).toContain(holderIdentity)
  expect(second.list('.chaos/runs')).toEqual([])
  const recovery = await second.run(['recover', ...target])
  expect(recovery).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(holderIdentity) })
  expect((await second.run(['recover', '--list', ...target])).stdout).toContain('which is still running')
  expect(await image()).toBe(otherGoodImage)

  project.write({ 'go-on': '' })
  expect(await command.ended).toMatchObject({ exitCode: 0 })
  await nothingIsHeld()
})

test('the command is killed: its guardian undoes, forgets and gives back the lock', async () => {
  const { project, command } = await startActing()
  command.process.kill('SIGKILL')
  await command.ended
  await expect.poll(() => project.survivors(), { timeout: 20_000 }).toEqual([])
  await nothingIsHeld()
})

test('everything is killed: the same machine need not wait for the lock to expire', async () => {
  const run = await startActing()
  await killAll(run)
  expect(await remembered()).toBe(1)
  const { exitCode, stdout } = await run.project.run(['recover'])
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('undone') })
  await nothingIsHeld()
})

test('everything is killed: another folder recovers it by what the cluster remembers, and the first one later leaves it alone', async () => {
  const run = await startActing()
  await killAll(run)
  const elsewhere = new Project()
  expect(await elsewhere.run(['recover', ...target])).toMatchObject({ exitCode: 2 })

  await age()
  const list = await elsewhere.run(['recover', '--list', '--json', ...target])
  expect(JSON.parse(list.stdout)).toMatchObject({
    target: { name: 'lab', ...place() },
    owed: [{ live: false, actions: [{ title: 'the pod template of deployment/web as it was' }] }],
  })
  const { exitCode, stdout } = await elsewhere.run(['recover', ...target])
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('undone: the pod template of deployment/web'),
  })
  expect(stdout).toContain('journals')
  await nothingIsHeld()
  expect((await elsewhere.run(['recover', ...target])).stdout).toContain('Nothing is owed')
  expect(existsSync(elsewhere.path('.chaos'))).toBe(false)

  // Somebody rolls out another version before the first machine is switched on again.
  const later = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: otherGoodImage }]
  await namespace.apps.patchNamespacedDeployment({ ...place(), name: 'web', body: later })
  expect(await run.project.run(['recover'])).toMatchObject({ exitCode: 0 })
  expect(await image()).toBe(otherGoodImage)
})

test('a run takes over the lock of one that died elsewhere, and undoes first what that owes', async () => {
  await killAll(await startActing())
  await age()
  const next = new Project({
    'a.chaos.ts': spec.replace('await web.setImage', `await hasImage()\n    await web.setImage`),
  })
  next.write({
    'go-on': '',
    'a.chaos.ts': `${next.read('a.chaos.ts')}
      async function hasImage() {
        const { images } = await kubernetes.deployment('web').status()
        if (images.web !== '${goodImage}') throw new Error('not recovered: ' + images.web)
      }
    `,
  })
  const { exitCode, stdout, stderr } = await next.run(target)
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('undone first') })
  await nothingIsHeld()
})

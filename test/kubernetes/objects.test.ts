import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { deployments } from '../../src/kubernetes/api/api-resources.ts'
import { connect } from '../../src/kubernetes/api/client.ts'
import { patchOf, preview } from '../../src/kubernetes/changes/object-patch.ts'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from './cluster.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([lab, realCluster])('objects on $name', ({ runs, start }) => {
  if (!runs) return test.skip('are created, changed and deleted', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')
  const configMap = (name: string) => kubernetes.object({ apiVersion: 'v1', kind: 'ConfigMap', name })

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([namespace.addDeployment('web'), namespace.addService('web')])
    openSpecSession(namespace.target)
    await web.available(within)
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const place = () => ({ namespace: namespace.target.namespace })

  test('are created, and are gone after', async () => {
    const created = configMap('created')
    await created.create({ metadata: { labels: { a: 'b' } }, data: { key: 'value' } })
    expect(await created.find()).toMatchObject({ metadata: { labels: { a: 'b' } }, data: { key: 'value' } })
    await expect(created.create({ data: {} })).rejects.toMatchObject({ code: 'CHAOS_CONFLICT' })
    await undoAll(session, namespace.target)
    expect(await created.find()).toBeUndefined()
  })

  test('are gone only when whoever holds them lets them go, as the engine of a fault does', async () => {
    const held = configMap('held')
    const patch = (body: object[]) => namespace.core.patchNamespacedConfigMap({ ...place(), name: 'held', body })
    await held.create({ data: {} })
    await patch([{ op: 'add', path: '/metadata/finalizers', value: ['example.com/records'] }])
    const undoing = undoAll(session, namespace.target)
    await vi.waitFor(async () => expect((await held.find())?.metadata).toHaveProperty('deletionTimestamp'), 10_000)
    await patch([{ op: 'remove', path: '/metadata/finalizers' }])
    await undoing
    expect(await held.find()).toBeUndefined()
  })

  test('are changed by what is in a patch, and by nothing that others have changed since they were read', async () => {
    const client = await connect(namespace.target, session.controller.signal)
    const address = { ...place(), name: 'web' }
    const stale = await client.get(deployments, address)
    // As the controller does it with its revision in every rollout.
    const body = { metadata: { annotations: { revision: 'another' } } }
    await client.patch(deployments, address, { type: 'merge', body })
    const patch = patchOf({ spec: { minReadySeconds: 1 } }, {})
    const { read, changes } = await preview(client, deployments, stale, patch)
    expect(changes).toEqual([{ path: '/spec/minReadySeconds', after: 1 }])
    expect(read).toMatchObject({ metadata: { annotations: { revision: 'another' } } })
  })

  test('of that name that are somebody else’s are left alone', async () => {
    await configMap('theirs').create({ data: { key: 'ours' } })
    await namespace.core.deleteNamespacedConfigMap({ ...place(), name: 'theirs' })
    await namespace.core.createNamespacedConfigMap({
      ...place(),
      body: { metadata: { name: 'theirs' }, data: { key: 'theirs' } },
    })
    await undoAll(session, namespace.target, 'target-gone')
    expect(await configMap('theirs').find()).toMatchObject({ data: { key: 'theirs' } })
  })

  test('are deleted, and are there again as they were', async () => {
    const before = await namespace.core.readNamespacedService({ ...place(), name: 'web' })
    await kubernetes.object({ apiVersion: 'v1', kind: 'Service', name: 'web' }).delete()
    await expect(kubernetes.service('web').endpoints()).rejects.toMatchObject({ code: 'CHAOS_NO_SUCH_SERVICE' })
    await undoAll(session, namespace.target)
    const after = await namespace.core.readNamespacedService({ ...place(), name: 'web' })
    expect(after.spec).toEqual(before.spec)
  })

  test('that roll out pods are available again after', async () => {
    await kubernetes.object({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }).delete({ gracePeriod: '0s' })
    await vi.waitFor(async () => expect(await web.pods().count().catch(String)).toMatch(/no deployment "web"/), 10_000)
    await undoAll(session, namespace.target)
    expect(await web.availability()).toBe('full')
  })

  test('are patched, and what was patched is put back', async () => {
    await namespace.core.createNamespacedConfigMap({
      ...place(),
      body: { metadata: { name: 'patched' }, data: { a: '1' } },
    })
    const patched = configMap('patched')
    await patched.patch({ data: { a: null, b: '2' } })
    expect(await patched.find()).toMatchObject({ data: { b: '2' } })
    await undoAll(session, namespace.target)
    expect((await patched.find())?.data).toEqual({ a: '1' })
    await expect(configMap('absent').patch({ data: {} })).rejects.toMatchObject({ code: 'CHAOS_NO_SUCH_OBJECT' })
  })

  test('are applied from manifests: what was not there goes, what was there is as it was', async () => {
    const canary = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'canary' }, data: { on: 'yes' } }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { applied: 'yes' } },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: otherGoodImage }] },
        },
      },
    }
    await kubernetes.manifests([canary, deployment]).apply()
    expect((await web.status()).images).toEqual({ web: otherGoodImage })
    expect(session.performed.map(({ description }) => description.title)).toEqual([
      'apply configmap/canary, which was not there',
      expect.stringMatching(/^apply deployment\/web \(.*\/metadata\/labels\/applied/),
    ])
    await expect(
      kubernetes.manifests({ ...deployment, metadata: { name: 'web', labels: { more: 'yes' } } }).apply(),
    ).rejects.toMatchObject({ code: 'CHAOS_ROLLOUT_IN_PROGRESS' })
    await undoAll(session, namespace.target)
    expect((await web.status()).images).toEqual({ web: goodImage })
    expect(await configMap('canary').find()).toBeUndefined()

    await web.rolledOut(within)
    await kubernetes.manifests({ ...deployment, metadata: { name: 'web' }, spec: { replicas: 1 } } as never).apply()
    expect(session.performed).toEqual([])
    expect(session.events).toContainEqual({ type: 'notice', message: expect.stringContaining('as written already') })
  })

  test('have conditions, which are awaited', async () => {
    const deployment = kubernetes.object({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' })
    await deployment.condition('Available', within)
    await expect(deployment.condition('Available', { status: 'False', within: '0s' })).rejects.toMatchObject({
      code: 'CHAOS_CONDITION_NOT_MET',
      verdict: 'deviated',
      message: expect.stringMatching(/deployment\/web is not Available False: it has .*Available True/),
    })
  })

  test('of a kind that the target does not have are refused', async () => {
    const unknown = kubernetes.object({ apiVersion: 'apps/v1', kind: 'Nothing', name: 'x' })
    await expect(unknown.find()).rejects.toMatchObject({
      code: 'CHAOS_NOT_SERVED',
      message: expect.stringMatching(/has no Nothing in apps\/v1. It has: .*Deployment/),
    })
    const nowhere = kubernetes.object({ apiVersion: 'no-such.example.com/v1', kind: 'Fault', name: 'x' })
    await expect(nowhere.create({ spec: {} })).rejects.toMatchObject({ code: 'CHAOS_NOT_SERVED' })
    await expect(kubernetes.object({ apiVersion: 'a/b/c', kind: 'X', name: 'x' }).find()).rejects.toMatchObject({
      code: 'CHAOS_BAD_KIND',
    })
  })
})

// On the cluster of these tests a custom resource cannot be had: its build of Kubernetes dies when one is created
// (modern-go/reflect2 before 1.0.2, built by a newer Go).
describe('a custom resource on a lab of one node', () => {
  test('is a fault of the lab, and ends with the rollback', async () => {
    const cluster = await lab.start()
    const session = openSpecSession(cluster.target)
    const [node] = await kubernetes.nodes()
    const fault = kubernetes.object({ apiVersion: 'lab.chaos-test/v1', kind: 'Fault', name: 'dead' })
    await fault.create({ spec: { node: { name: node?.name, effect: 'down' } } })
    await fault.reaches(({ status }) => (status as { phase?: string })?.phase === 'Active', {
      ...within,
      title: 'active',
    })
    await undoAll(session, cluster.target)
    expect(await fault.find()).toBeUndefined()
    await cluster.stop()
  })
})

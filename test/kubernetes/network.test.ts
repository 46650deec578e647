import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { eventually, probe } from '../../src/probes/index.ts'
import { createNamespace, type TestNamespace } from './cluster.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([lab, realCluster])('what pods are reached by on $name', ({ name, runs, start }) => {
  if (!runs) return test.skip('is taken away', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')
  const service = kubernetes.service('web')
  const settings = kubernetes.configMap('settings')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([
      namespace.addService('web'),
      namespace.addService('alone', { selector: {} }),
      namespace.addDeployment('web'),
      namespace.core.createNamespacedConfigMap({
        namespace: namespace.target.namespace,
        body: { metadata: { name: 'settings' }, data: { timeout: '1s', 'odd.key': 'odd' } },
      }),
    ])
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

  const readyEndpoints = async () => (await service.endpoints()).ready

  test('a service is disconnected from its pods, and comes back', async () => {
    await eventually(async () => expect(await readyEndpoints()).toHaveLength(1), within)
    await service.disconnect()
    await eventually(async () => expect(await readyEndpoints()).toEqual([]), within)
    expect(session.performed[0]?.description).toMatchObject({
      title: 'disconnect service/web from its pods',
      before: { '/spec/selector': { app: 'web' } },
    })
    expect(await web.availability()).toBe('full')
    await undoAll(session, namespace.target)
    await eventually(async () => expect(await readyEndpoints()).toHaveLength(1), within)
  })

  test('a service is sent to other pods, but not to none by an empty selector', async () => {
    await service.setSelector({ app: 'other' })
    await undoAll(session, namespace.target)
    const { spec } = await namespace.core.readNamespacedService({ namespace: namespace.target.namespace, name: 'web' })
    expect(spec?.selector).toEqual({ app: 'web' })
    await expect(service.setSelector({})).rejects.toMatchObject({ code: 'CHAOS_BAD_SELECTOR', verdict: 'usage' })
    await expect(kubernetes.service('alone').disconnect()).rejects.toMatchObject({ code: 'CHAOS_BAD_SELECTOR' })
  })

  test('a config map gets, changes and loses keys, and has them back', async () => {
    const before = await settings.data()
    await settings.set('timeout', '50ms')
    await settings.set('new', 'here')
    await settings.set('odd.key', null)
    expect(await settings.data()).toEqual({ timeout: '50ms', new: 'here' })
    await settings.set('timeout', '50ms')
    expect(session.performed).toHaveLength(3)
    await undoAll(session, namespace.target)
    expect(await settings.data()).toEqual(before)
    await expect(kubernetes.configMap('absent').set('a', 'b')).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_CONFIGMAP',
      message: expect.stringContaining('settings'),
    })
  })

  test(`pods are isolated by a policy: ${name === lab.name ? 'not in a lab' : 'inconclusive where the network ignores it'}`, async () => {
    const url = service.url('/')
    const proof = () => probe.http(url)
    // The nodes hear of the endpoints that are back a moment after the API.
    await vi.waitFor(proof, { timeout: 30_000, interval: 100 })
    const isolating = web.pods().isolate({ ingress: true, proof, enforcedWithin: '1s' })
    if (name === lab.name) {
      await expect(isolating).rejects.toMatchObject({
        code: 'CHAOS_NOT_SERVED',
        message: expect.stringContaining('has no networkpolicies.networking.k8s.io'),
      })
      return
    }
    // The network of the cluster of these tests enforces none: that must not pass for an experiment.
    await expect(isolating).rejects.toMatchObject({ code: 'CHAOS_NOT_ENFORCED', verdict: 'inconclusive' })
    expect(session.performed[0]?.description.title).toBe('deny ingress of the pods of deployment/web')
    await undoAll(session, namespace.target)

    await expect(web.pods().isolate({ egress: true, proof: () => false, enforcedWithin: '1s' })).rejects.toMatchObject({
      code: 'CHAOS_NO_PROOF',
      verdict: 'inconclusive',
    })
    // A proof that fails once the policy is there.
    let looks = 0
    await web.pods().isolate({ ingress: true, egress: true, proof: () => looks++ === 0 })
    await undoAll(session, namespace.target)
  })

  test('pods are isolated by labels, in a direction', async () => {
    const proof = () => true
    await expect(kubernetes.pods({ name: /^web/ }).isolate({ ingress: true, proof })).rejects.toMatchObject({
      code: 'CHAOS_BAD_ISOLATION',
    })
    await expect(web.pods().isolate({ proof })).rejects.toMatchObject({ code: 'CHAOS_BAD_ISOLATION' })
  })
})

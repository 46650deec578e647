import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { container, createNamespace, type TestNamespace } from './cluster.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { labOfTwoNodes, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([labOfTwoNodes, realCluster])('nodes on $name', ({ runs, start }) => {
  if (!runs) return test.skip('are taken away', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  let names: string[]
  const web = kubernetes.deployment('web')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await namespace.addDeployment('web', { replicas: 2 })
    openSpecSession(namespace.target)
    await web.available(within)
    names = (await kubernetes.nodes()).map(({ name }) => name)
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const node = () => kubernetes.node(names[1] ?? '')
  const podsOn = async (name: string) =>
    (await web.pods().statuses()).filter(({ node, phase }) => node === name && phase !== 'Terminating')

  test('tell how they are', async () => {
    expect(names).toHaveLength(2)
    expect(await node().status()).toMatchObject({
      ready: true,
      schedulable: true,
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
    })
    await expect(kubernetes.node('nowhere').status()).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_NODE',
      message: expect.stringContaining(names.join(', ')),
    })
  })

  test('are cordoned and uncordoned, and are as before', async () => {
    await node().cordon()
    expect(await node().status()).toMatchObject({ schedulable: false })
    await node().cordon()
    expect(session.performed).toHaveLength(1)
    await node().uncordon()
    expect(await node().status()).toMatchObject({ schedulable: true })
    await undoAll(session, namespace.target)
    const { spec } = await namespace.core.readNode({ name: node().name })
    expect(spec?.unschedulable).toBeUndefined()
  })

  test('are drained: their pods start elsewhere, and they come back', async () => {
    const before = await podsOn(node().name)
    expect(before).not.toEqual([])
    const evicted = await node().drain(within)
    expect(evicted.sort()).toEqual(before.map(({ name }) => name).sort())
    expect(session.performed.map(({ description }) => description.title)).toEqual([
      `drain node/${node().name}`,
      `cordon node/${node().name}`,
    ])
    await web.available(within)
    expect(await podsOn(node().name)).toEqual([])
    expect(await podsOn(names[0] ?? '')).toHaveLength(2)
    await undoAll(session, namespace.target)
    expect(await node().status()).toMatchObject({ schedulable: true })
  })

  test('are not drained of data, nor of a pod that nobody would replace', async () => {
    const place = { namespace: namespace.target.namespace }
    const spec = { nodeName: node().name, containers: [container('web')], terminationGracePeriodSeconds: 0 }
    await namespace.core.createNamespacedPod({ ...place, body: { metadata: { name: 'alone' }, spec } })
    await expect(node().drain()).rejects.toMatchObject({ code: 'CHAOS_POD_NOT_REPLACED' })
    expect(await node().status()).toMatchObject({ schedulable: true })
    expect(session.performed).toEqual([])
    await namespace.core.deleteNamespacedPod({ ...place, name: 'alone', gracePeriodSeconds: 0 })
  })
})

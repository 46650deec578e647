import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { type PodsNow, watchPods } from '../../src/kubernetes/watch/pods-now.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'
import { container, createNamespace, missingImage, type TestNamespace } from './cluster.ts'
import { targetAt } from './kubeconfigs.ts'
import { openSpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'

const patience = { timeout: 30_000, interval: 20 }

describe.for([lab, realCluster])('the pods behind a service on $name', ({ runs, start }) => {
  if (!runs) return test.skip('are looked at', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let podsNow: PodsNow
  const over = new AbortController()
  const pods = () => podsNow() ?? []

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([
      namespace.addService('web'),
      namespace.addDeployment('web', { replicas: 2 }),
      namespace.addDeployment('other'),
    ])
    openSpecSession(namespace.target)
    await kubernetes.deployment('web').rolledOut({ within: '2m' })
    const reached = await kubernetes.service('web').url('/').reach()
    podsNow = (await reached.watchPods?.(over.signal)) ?? (() => undefined)
  })

  afterAll(async () => {
    over.abort()
    await namespace?.remove()
    await cluster?.stop()
  })

  test('are known from the start, and are no others', () => {
    const ready = { name: expect.stringMatching(/^web-/), phase: 'Running', state: 'ready' }
    expect(pods()).toEqual([ready, ready])
  })

  test('are terminating from when they are told to end until they are gone', async () => {
    const [{ name = '' } = {}] = pods()
    const address = { name, namespace: namespace.target.namespace }
    const hold = async (finalizers: string[]) => {
      const body = [{ op: 'add', path: '/metadata/finalizers', value: finalizers }]
      await namespace.core.patchNamespacedPod({ ...address, body })
    }
    await hold(['test.example/hold'])
    await namespace.core.deleteNamespacedPod(address)

    const stateOf = () => pods().find((pod) => pod.name === name)?.state
    await vi.waitFor(() => expect(stateOf()).toBe('terminating'), patience)
    await hold([])
    await vi.waitFor(() => expect(stateOf()).toBeUndefined(), patience)
  })

  test('are not ready until they answer', async () => {
    await namespace.addDeployment('absent', { containers: [container('web', missingImage)] })
    openSpecSession(namespace.target)
    await kubernetes.service('web').setSelector({ app: 'absent' })
    const reached = await kubernetes.service('web').url('/').reach()

    const absent = await reached.watchPods?.(over.signal)

    const waiting = { name: expect.stringMatching(/^absent-/), phase: 'Pending', state: 'not ready' }
    await vi.waitFor(() => expect(absent?.()).toEqual([waiting]), patience)
  })
})

test('whoever may not look at pods knows nothing of them, and is not held up', async () => {
  const server = createServer((_, response) => response.writeHead(403).end('{}'))
  const there = await targetAt({ server: `http://127.0.0.1:${await listenOnLoopback(server)}`, token: 'a-token' })
  openSpecSession(there.target)

  const podsNow = await watchPods(
    there.target,
    { namespace: 'default', labelSelector: 'app=web' },
    new AbortController().signal,
  )

  expect(podsNow()).toBeUndefined()
  server.close()
  await there.remove()
})

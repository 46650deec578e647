import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { podTemplate } from '../../src/kubernetes/undos/pod-template.ts'
import { awaitRollout } from '../../src/kubernetes/watch/rollout.ts'
import { type Clock, systemClock } from '../../src/support/clock.ts'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from './cluster.ts'
import { sameTargetBy, type TemporaryTarget } from './kubeconfigs.ts'
import { type Relay, startRelay } from './relay.ts'
import { openSpecSession, progressIn } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'

describe.for([lab, realCluster])('over a bad network, a deployment on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is rolled out', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let relay: Relay
  let byRelay: TemporaryTarget

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await namespace.addDeployment('web')
    openSpecSession(namespace.target)
    await kubernetes.deployment('web').rolledOut({ within: '2m' })
  })

  beforeEach(async () => {
    relay = await startRelay()
    byRelay = await sameTargetBy(namespace.target, { proxy: relay.url })
  })

  afterEach(async () => {
    await relay?.cut()
    await byRelay?.remove()
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  async function completeInTruth(image: string) {
    const { spec, status } = await namespace.apps.readNamespacedDeployment({
      namespace: namespace.target.namespace,
      name: 'web',
    })
    expect(spec?.template.spec?.containers[0]?.image).toBe(image)
    expect(status).toMatchObject({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 })
  }

  test('is seen to be rolled out, though its watch was dropped before', async () => {
    const session = openSpecSession(byRelay.target)
    const web = kubernetes.deployment('web')
    await web.setImage('web', otherGoodImage)
    const outcome = web.rolloutStatus({ within: '1m' })
    await vi.waitFor(() => expect(progressIn(session)).not.toEqual([]))

    await relay.cut()
    await vi.waitFor(() => completeInTruth(otherGoodImage), { timeout: 50_000, interval: 100 })
    await relay.mend()

    expect(await outcome).toBe('complete')
  })

  test('is not said to have timed out when nobody could look', async () => {
    openSpecSession(byRelay.target)
    await relay.cut()
    const web = kubernetes.deployment('web')
    await expect(web.rolloutStatus({ within: '1s' })).rejects.toMatchObject({ code: 'CHAOS_UNREACHABLE' })
    await expect(web.setImage('web', goodImage)).rejects.toMatchObject({
      code: 'CHAOS_UNREACHABLE',
      message: expect.stringMatching(/^Could not get deployments\/web .*ECONNREFUSED/),
    })
  })

  test('nor when the API server went silent', async () => {
    const { signal } = new AbortController()
    const fast: Clock = { now: () => Date.now() * 100, sleep: systemClock.sleep }
    await namespace.apps.deleteNamespacedDeployment({ namespace: namespace.target.namespace, name: 'web' })
    await namespace.addDeployment('web', { paused: true })
    const reference = { namespace: namespace.target.namespace, name: 'web' }
    const outcome = awaitRollout(byRelay.target, reference, {
      withinMs: 1000,
      signal,
      clock: fast,
      onProgress: () => relay.hush(),
    })
    await expect(outcome).rejects.toMatchObject({
      code: 'CHAOS_UNREACHABLE',
      message: expect.stringContaining('is not known'),
    })
  })

  test('stays owed to its undo', async () => {
    const { metadata } = await namespace.apps.readNamespacedDeployment({
      namespace: namespace.target.namespace,
      name: 'web',
    })
    const args = { ...namespace.target, name: 'web', uid: metadata?.uid ?? '', template: { spec: { containers: [] } } }
    await relay.cut()
    const context = { target: byRelay.target, signal: new AbortController().signal }
    await expect(podTemplate.undo(args, context)).rejects.toMatchObject({ code: 'CHAOS_UNREACHABLE' })
  })
})

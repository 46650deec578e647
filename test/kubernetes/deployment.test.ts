import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { clusterIdentity } from '../../src/kubernetes/api/client.ts'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { podTemplate as podTemplateKind } from '../../src/kubernetes/undos/pod-template.ts'
import type { Undo, UndoContext, UndoKind } from '../../src/undo/types.ts'
import { container, createNamespace, goodImage, missingImage, otherGoodImage, type TestNamespace } from './cluster.ts'
import { openSpecSession, progressIn, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'

const podTemplate: UndoKind = podTemplateKind

const within = { within: '2m' } as const

describe.for([lab, realCluster])('a deployment on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is rolled out', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  let context: UndoContext

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([
      namespace.addDeployment('web'),
      namespace.addDeployment('stuck'),
      namespace.addDeployment('twins', { containers: [container('web'), { ...container('other'), env: [] }] }),
      namespace.addDeployment('paused', { paused: true }),
      namespace.addDeployment('deaf', {
        containers: [{ ...container('web'), readinessProbe: { periodSeconds: 1, tcpSocket: { port: 8001 } } }],
      }),
    ])
    openSpecSession(namespace.target)
    await kubernetes.deployment('web').rolledOut(within)
    await kubernetes.deployment('stuck').rolledOut(within)
    // Not before: a busy cluster may take longer to start a pod.
    await namespace.apps.patchNamespacedDeployment({
      ...{ namespace: namespace.target.namespace, name: 'stuck' },
      body: [{ op: 'replace', path: '/spec/progressDeadlineSeconds', value: 4 }],
    })
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
    context = { target: namespace.target, signal: new AbortController().signal }
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const undoOf = (index: number): Undo => {
    const performed = session.performed[index]
    if (!performed) throw new Error(`there was no action ${index}`)
    return performed.undo
  }

  test('gets a new image, rolls out, and goes back', async () => {
    const web = kubernetes.deployment('web')
    const before = await namespace.apps.readNamespacedDeployment({ namespace: namespace.target.namespace, name: 'web' })

    await web.setImage('web', otherGoodImage)
    expect(await web.rolloutStatus(within)).toBe('complete')

    expect((await web.status()).images).toEqual({ web: otherGoodImage })
    expect(session.performed.map(({ description }) => description)).toEqual([
      {
        title: `set image of deployment/web to ${otherGoodImage}`,
        before: { image: goodImage },
        after: { image: otherGoodImage },
      },
    ])
    expect(session.spans).toContain('kubernetes set image')
    expect(new Set(progressIn(session)).size).toBe(progressIn(session).length)
    expect(progressIn(session).at(-1)).toBe('1 of 1 updated, 1 available')

    const { args } = undoOf(0)
    expect(await podTemplate.undo(args, context)).toBe('undone')
    await podTemplate.recovered?.(args, context)
    const after = await namespace.apps.readNamespacedDeployment({ namespace: namespace.target.namespace, name: 'web' })
    expect(after.spec?.template).toEqual(before.spec?.template)
    expect(await web.status()).toMatchObject({ images: { web: goodImage }, updated: 1, replicas: 1, available: 1 })

    const again = await web.status()
    expect(await podTemplate.undo(args, context)).toBe('undone')
    expect((await web.status()).generation).toBe(again.generation)
  })

  test('restarts, and the restart is undone', async () => {
    const web = kubernetes.deployment('web')
    const { generation } = await web.status()

    await web.restart()
    await web.rolledOut(within)

    expect((await web.status()).generation).toBe(generation + 1)
    const { args } = undoOf(0)
    expect(await podTemplate.undo(args, context)).toBe('undone')
    await podTemplate.recovered?.(args, context)
    const { spec } = await namespace.apps.readNamespacedDeployment({
      namespace: namespace.target.namespace,
      name: 'web',
    })
    expect(spec?.template.metadata?.annotations ?? {}).toEqual({})
  })

  test('whose probe fails says so when its rollout does not complete', async () => {
    await expect(kubernetes.deployment('deaf').rolledOut({ within: '3s' })).rejects.toMatchObject({
      code: 'CHAOS_ROLLOUT_NOT_COMPLETE',
      message: expect.stringMatching(/did not complete within 3 s.* Pod deaf-\S+: Readiness probe failed: .+\.$/),
    })
  })

  test('that cannot become ready stops at its deadline, and settles after the undo', async () => {
    const stuck = kubernetes.deployment('stuck')
    await stuck.setImage('web', missingImage)
    expect(await stuck.rolloutStatus({ within: '500ms' })).toBe('timed-out')
    const [status, assertion] = await Promise.allSettled([stuck.rolloutStatus(within), stuck.rolledOut(within)])
    expect(status).toEqual({ status: 'fulfilled', value: 'deadline-exceeded' })
    expect(assertion).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'CHAOS_ROLLOUT_NOT_COMPLETE',
        verdict: 'deviated',
        message: expect.stringMatching(
          /stopped at its progress deadline: 1 of 1 updated.*ReplicaSet "stuck-.*timed out.* Pod stuck-\S+: container "web" waits, (ErrImagePull|ImagePullBackOff|ErrImageNeverPull): .+\.$/,
        ),
      },
    })
    await expect(stuck.setImage('web', otherGoodImage)).rejects.toMatchObject({ code: 'CHAOS_ROLLOUT_IN_PROGRESS' })
    await expect(stuck.restart()).rejects.toMatchObject({ code: 'CHAOS_ROLLOUT_IN_PROGRESS' })
    expect(session.performed).toHaveLength(1)

    const { args } = undoOf(0)
    expect(await podTemplate.undo(args, context)).toBe('undone')
    // The status still tells of the deadline that the rollout before exceeded: it must not be taken for this one's.
    expect(await stuck.rolloutStatus(within)).toBe('complete')
    await podTemplate.recovered?.(args, context)
    expect(await stuck.status()).toMatchObject({ images: { web: goodImage }, replicas: 1, available: 1 })
  })

  test('keeps its image when that is the one it has: nothing is done, and it says so', async () => {
    await kubernetes.deployment('web').setImage('web', goodImage)
    expect(session.performed).toEqual([])
    expect(session.events).toEqual([{ type: 'notice', message: expect.stringContaining('changes nothing') }])
  })

  test('is refused an image for a container that it does not have', async () => {
    await expect(kubernetes.deployment('twins').setImage('wbe', goodImage)).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_CONTAINER',
      message: expect.stringContaining('It has: web, other.'),
    })
  })

  test('that is paused is left alone, unless told otherwise', async () => {
    const paused = kubernetes.deployment('paused')
    await expect(paused.setImage('web', otherGoodImage)).rejects.toMatchObject({
      code: 'CHAOS_ROLLOUT_IN_PROGRESS',
      message: expect.stringContaining('is paused'),
    })
    await paused.setImage('web', otherGoodImage, { evenIfRollingOut: true })
    expect((await paused.status()).images).toEqual({ web: otherGoodImage })
  })

  test('that does not exist is named, and so are those that do', async () => {
    const absent = kubernetes.deployment('wbe')
    const expected = { code: 'CHAOS_NO_SUCH_DEPLOYMENT', message: expect.stringMatching(/"wbe".*It has: .*web/) }
    await expect(absent.setImage('web', goodImage)).rejects.toMatchObject(expected)
    await expect(absent.rolledOut(within)).rejects.toMatchObject(expected)
    expect(session.performed).toEqual([])
  })

  test('that is gone, or is another one by now, has nothing to be undone', async () => {
    await namespace.addDeployment('passing')
    const passing = kubernetes.deployment('passing')
    await passing.rolledOut(within)
    await passing.restart()
    const { args } = undoOf(0)

    await namespace.apps.deleteNamespacedDeployment({ namespace: namespace.target.namespace, name: 'passing' })
    expect(await podTemplate.undo(args, context)).toBe('target-gone')
    await namespace.addDeployment('passing')
    expect(await podTemplate.undo(args, context)).toBe('target-gone')
    await podTemplate.recovered?.(args, context)
  })

  test('is not changed when someone else has changed it since it was read', async () => {
    const web = kubernetes.deployment('web')
    session = openSpecSession(namespace.target, async () => {
      await kubernetes.deployment('web').setImage('web', otherGoodImage, { evenIfRollingOut: true })
    })
    await expect(web.restart({ evenIfRollingOut: true })).rejects.toMatchObject({ code: 'CHAOS_CONFLICT' })
    expect((await web.status()).images).toEqual({ web: otherGoodImage })
  })

  test('is given up when the hypothesis ends', async () => {
    const waiting = kubernetes.deployment('paused').rolloutStatus(within)
    const end = new Error('the hypothesis has ended')
    const ended = expect(waiting).rejects.toBe(end)
    await vi.waitFor(() => expect(progressIn(session)).not.toEqual([]))
    session.controller.abort(end)
    await ended
  })

  test('is in a cluster with an identity', async () => {
    const { metadata } = await namespace.core.readNamespace({ name: 'kube-system' })
    expect(await clusterIdentity(namespace.target, context.signal)).toBe(metadata?.uid)
  })
})

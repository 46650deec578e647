import type { V1DeploymentSpec } from '@kubernetes/client-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { container, createNamespace, goodImage, otherGoodImage, type TestNamespace } from './cluster.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([lab, realCluster])('what rolls out pods on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is changed in many ways', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    const env = [
      { name: 'DRAIN_MS', value: '0' },
      { name: 'OLD', value: 'there' },
    ]
    await namespace.addDeployment('web', { containers: [{ ...container('web'), env }] })
    openSpecSession(namespace.target)
    await web.rolledOut(within)
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const read = async (name = 'web') =>
    await namespace.apps.readNamespacedDeployment({ namespace: namespace.target.namespace, name })
  const specOf = async (): Promise<V1DeploymentSpec | undefined> => (await read()).spec
  const containerOf = async () => (await specOf())?.template.spec?.containers[0]

  /** Does something to the deployment, looks at it, undoes it, and expects all of the spec to be as before. */
  async function doAndUndo(act: () => Promise<void>, look: () => Promise<void>): Promise<void> {
    const before = await specOf()
    await act()
    expect(session.performed).toHaveLength(1)
    await look()
    await undoAll(session, namespace.target)
    expect(await specOf()).toEqual(before)
  }

  test('gets variables of its environment, and loses others', async () => {
    await doAndUndo(
      () => web.setEnv('web', { NEW: 'yes', OLD: null, DRAIN_MS: '1' }),
      async () => {
        expect((await containerOf())?.env).toEqual([
          { name: 'DRAIN_MS', value: '1' },
          { name: 'NEW', value: 'yes' },
        ])
        expect(session.performed[0]?.description).toMatchObject({
          title: 'set NEW, OLD, DRAIN_MS of deployment/web',
          before: { env: { NEW: null, OLD: 'there', DRAIN_MS: '0' } },
          after: { env: { NEW: 'yes', OLD: null, DRAIN_MS: '1' } },
        })
        await web.rolledOut(within)
      },
    )
    await web.setEnv('web', { OLD: 'there', ABSENT: null })
    expect(session.performed).toEqual([])
    await expect(web.setEnv('web', {})).rejects.toMatchObject({ code: 'CHAOS_BAD_ENV' })
  })

  test('is changed whatever characters it holds', async () => {
    const before = await specOf()
    await web.setEnv('web', { ODD: '<a> && "b" \u2028 é \u{1F600}' })
    await web.setEnv('web', { NEW: 'yes' }, { evenIfRollingOut: true })
    await web.restart({ evenIfRollingOut: true })
    expect(session.performed).toHaveLength(3)
    await undoAll(session, namespace.target)
    expect(await specOf()).toEqual(before)
  })

  test('gets resources: what is not named stays', async () => {
    await doAndUndo(
      () => web.setResources('web', { requests: { cpu: '10m' } }),
      async () => {
        const resources = (await containerOf())?.resources
        expect(resources).toEqual({ requests: { cpu: '10m' } })
        await web.setResources('web', { limits: { memory: '512Mi' } }, { evenIfRollingOut: true })
        expect((await containerOf())?.resources).toEqual({ requests: { cpu: '10m' }, limits: { memory: '512Mi' } })
      },
    )
  })

  test('is scaled, down to nothing and back', async () => {
    await doAndUndo(
      () => web.scale(0),
      async () => {
        await web.rolledOut(within)
        expect(await web.status()).toMatchObject({ desired: 0, replicas: 0 })
      },
    )
    expect(await web.status()).toMatchObject({ desired: 1, available: 1 })
    await web.scale(1)
    expect(session.performed).toEqual([])
    await expect(web.scale(-1)).rejects.toMatchObject({ code: 'CHAOS_BAD_REPLICAS' })
  })

  test('is paused and resumed, in the middle of a rollout only when told so', async () => {
    await web.pause()
    await expect(web.setImage('web', otherGoodImage)).rejects.toMatchObject({ code: 'CHAOS_ROLLOUT_IN_PROGRESS' })
    await web.setImage('web', otherGoodImage, { evenIfRollingOut: true })
    await web.resume()
    await expect(web.pause()).rejects.toMatchObject({ code: 'CHAOS_ROLLOUT_IN_PROGRESS' })
    await web.pause({ evenIfRollingOut: true })
    expect(session.performed.map(({ description }) => description.title)).toEqual([
      'pause deployment/web',
      `set image of deployment/web to ${otherGoodImage}`,
      'resume deployment/web',
      'pause deployment/web',
    ])
    await undoAll(session, namespace.target)
    expect(await web.status()).toMatchObject({ paused: false, images: { web: goodImage } })
    await web.resume()
    expect(session.performed).toEqual([])
  })

  test('goes back to an earlier revision', async () => {
    await namespace.addDeployment('versions')
    const versions = kubernetes.deployment('versions')
    await versions.rolledOut(within)
    await expect(versions.undoRollout()).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_REVISION',
      message: expect.stringContaining('no earlier revision. It has: 1.'),
    })
    await versions.setImage('web', otherGoodImage)
    await versions.rolledOut(within)
    session = openSpecSession(namespace.target)

    await versions.undoRollout()
    expect(await versions.status()).toMatchObject({ images: { web: goodImage } })
    expect(session.performed[0]?.description).toMatchObject({
      before: { images: { web: otherGoodImage } },
      after: { revision: 1, images: { web: goodImage } },
    })
    await undoAll(session, namespace.target)
    expect(await versions.status()).toMatchObject({ images: { web: otherGoodImage } })
    await expect(versions.undoRollout({ toRevision: 9 })).rejects.toMatchObject({ code: 'CHAOS_NO_SUCH_REVISION' })
  })

  test('is patched in each of the three ways, and only what the patch changes is put back', async () => {
    const template = { spec: { containers: [{ name: 'web', env: [{ name: 'NEW', value: 'yes' }] }] } }
    await doAndUndo(
      () => web.patch({ metadata: { labels: { patched: 'yes' } }, spec: { minReadySeconds: 1, template } }),
      async () => {
        expect((await containerOf())?.env).toHaveLength(3)
        expect(await specOf()).toMatchObject({ minReadySeconds: 1 })
        // Somebody else's label, meanwhile.
        await namespace.apps.patchNamespacedDeployment({
          namespace: namespace.target.namespace,
          name: 'web',
          body: [{ op: 'add', path: '/metadata/labels/theirs', value: 'kept' }],
        })
      },
    )
    expect((await read()).metadata?.labels).toEqual({ theirs: 'kept' })
    await doAndUndo(
      () => web.patch({ spec: { progressDeadlineSeconds: 77 } }, { type: 'merge' }),
      async () => expect(await specOf()).toMatchObject({ progressDeadlineSeconds: 77 }),
    )
    await doAndUndo(
      () => web.patch([{ op: 'remove', path: '/spec/template/spec/containers/0/readinessProbe' }]),
      async () => expect(await containerOf()).not.toHaveProperty('readinessProbe.httpGet'),
    )
    await web.patch({ spec: { replicas: 1 } })
    expect(session.performed).toEqual([])
    await expect(web.patch({ spec: { replicas: 'many' } })).rejects.toMatchObject({ code: 'CHAOS_INVALID' })
  })

  test('that somebody else scales meanwhile is left to them', async () => {
    await web.rolledOut(within)
    session = openSpecSession(namespace.target, async () => {
      await kubernetes.deployment('web').scale(2)
    })
    await expect(web.scale(0)).rejects.toMatchObject({ code: 'CHAOS_CONFLICT' })
    expect(await web.status()).toMatchObject({ desired: 2 })
  })
})

describe('stateful and daemon sets', () => {
  test('are refused by the lab, by name', async () => {
    const cluster = await lab.start()
    openSpecSession(cluster.target)
    const expected = (kind: string) => ({
      code: 'CHAOS_NOT_SERVED',
      message: expect.stringContaining(`the lab "lab" has no ${kind}.apps`),
    })
    await expect(kubernetes.statefulSet('db').scale(0)).rejects.toMatchObject(expected('statefulsets'))
    await expect(kubernetes.daemonSet('agent').restart()).rejects.toMatchObject(expected('daemonsets'))
    await cluster.stop()
  })
})

describe(`stateful and daemon sets on ${realCluster.name}`, () => {
  if (!realCluster.runs) return test.skip('are changed and put back', () => undefined)

  let namespace: TestNamespace
  let session: SpecSession

  beforeAll(async () => {
    namespace = await createNamespace((await realCluster.start()).target)
    await Promise.all([namespace.addStatefulSet('db'), namespace.addDaemonSet('agent')])
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => namespace?.remove())

  test('a stateful set is rolled out, scaled, taken back to a revision, and put back', async () => {
    const db = kubernetes.statefulSet('db')
    await db.rolledOut(within)
    await db.setImage('web', otherGoodImage)
    await db.rolledOut(within)
    await db.undoRollout()
    await db.rolledOut(within)
    await db.scale(2)
    expect(await db.rolloutStatus(within)).toBe('complete')
    await undoAll(session, namespace.target)
    const { spec } = await namespace.apps.readNamespacedStatefulSet({
      namespace: namespace.target.namespace,
      name: 'db',
    })
    expect(spec).toMatchObject({ replicas: 1, template: { spec: { containers: [{ image: goodImage }] } } })
  })

  test('a daemon set is rolled out and put back', async () => {
    const agent = kubernetes.daemonSet('agent')
    await agent.rolledOut(within)
    await agent.setEnv('web', { NEW: 'yes' })
    await agent.rolledOut(within)
    await undoAll(session, namespace.target)
    const { spec } = await namespace.apps.readNamespacedDaemonSet({
      namespace: namespace.target.namespace,
      name: 'agent',
    })
    expect(spec?.template.spec?.containers[0]?.env).toEqual([{ name: 'DRAIN_MS', value: '0' }])
  })
})

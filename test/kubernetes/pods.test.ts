import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { irreversible } from '../../src/undo/without-undo.ts'
import { container, createNamespace, goodImage, type TestNamespace } from './cluster.ts'
import { openSpecSession, progressIn, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([lab, realCluster])('pods on $name', ({ runs, start }) => {
  if (!runs) return test.skip('are ended', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([namespace.addDeployment('web', { replicas: 3 }), namespace.addDeployment('other')])
    openSpecSession(namespace.target)
    await Promise.all([web.rolledOut(within), kubernetes.deployment('other').rolledOut(within)])
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const namesOf = async (app = 'web') =>
    (await kubernetes.pods({ labels: { app } }).statuses()).map(({ name }) => name).sort()

  test('are terminated, and the rollback waits until they are replaced', async () => {
    const before = await namesOf()
    const ended = await web.pods().terminate({ share: '70%', seed: 3, gracePeriod: '0s' })
    expect(ended).toHaveLength(2)
    expect(before).toEqual(expect.arrayContaining(ended))
    expect(session.performed[0]?.description).toMatchObject({
      title: `terminate 2 pods (${ended.join(', ')})`,
      before: { pods: ended, of: 3, seed: 3 },
      after: { pods: [] },
    })
    await undoAll(session, namespace.target)
    const after = await web.pods().statuses()
    expect(after.filter(({ ready }) => ready)).toHaveLength(3)
    expect(after.map(({ name }) => name)).not.toEqual(expect.arrayContaining([ended[0]]))
  })

  test('are chosen by labels, names and age', async () => {
    const [only] = await namesOf('other')
    expect(await kubernetes.pods({ name: /^other-/ }).terminate({ order: 'oldest' })).toEqual([only])
    await undoAll(session, namespace.target)
    expect(await kubernetes.pods({ labels: 'app in (web,other)' }).count()).toBeGreaterThanOrEqual(4)
  })

  test('are one per node', async () => {
    const statuses = await web.pods().statuses()
    const nodes = new Set(statuses.map(({ node }) => node))
    expect(await web.pods().terminate({ onePer: 'node' })).toHaveLength(nodes.size)
    await undoAll(session, namespace.target)
  })

  test('that do not exist are an error', async () => {
    const expected = { code: 'CHAOS_NO_SUCH_PODS', message: expect.stringContaining('app=absent') }
    await expect(kubernetes.pods({ labels: 'app=absent' }).terminate()).rejects.toMatchObject(expected)
    await expect(kubernetes.pods({ labels: 'app=absent' }).logs()).rejects.toMatchObject(expected)
    await expect(web.pods().terminate({ count: 9 })).rejects.toMatchObject({ code: 'CHAOS_TOO_FEW_PODS' })
    expect(await kubernetes.pods({ labels: 'app=absent' }).count()).toBe(0)
    expect(session.performed).toEqual([])
  })

  test('that nobody would replace are refused', async () => {
    await namespace.core.createNamespacedPod({
      namespace: namespace.target.namespace,
      body: { metadata: { name: 'alone' }, spec: { containers: [container('web')], terminationGracePeriodSeconds: 0 } },
    })
    await expect(kubernetes.pods({ name: /^alone$/ }).terminate()).rejects.toMatchObject({
      code: 'CHAOS_POD_NOT_REPLACED',
    })
    expect(session.performed).toEqual([])
  })

  test('are evicted, unless a budget forbids it, and that is named', async () => {
    await web.rolledOut(within)
    expect(await web.pods().evict({ order: 'newest' })).toHaveLength(1)
    expect(progressIn(session)).toContain('1 of 1 evicted')
    await undoAll(session, namespace.target)

    await namespace.addBudget('web', { minAvailable: 3 })
    await vi.waitFor(
      async () =>
        await expect(web.pods().evict({ within: '10ms' })).rejects.toMatchObject({
          code: 'CHAOS_EVICTION_BLOCKED',
          message: expect.stringContaining('budget web'),
        }),
      { timeout: 20_000, interval: 500 },
    )
    expect(progressIn(session)).toContainEqual(
      expect.stringMatching(/^0 of 1 evicted, pod\/web-.* waits: .*budget web/),
    )
    expect((await web.pods().statuses()).filter(({ ready }) => ready)).toHaveLength(3)
  })

  test('have logs, in which a line is awaited', async () => {
    await web.rolledOut(within)
    const logs = await web.pods().logs({ tail: 5 })
    const ready = (await web.pods().statuses()).filter((pod) => pod.ready).map(({ name }) => name)
    expect(Object.keys(logs)).toEqual(expect.arrayContaining(ready))
    await expect(web.pods().logged(/no such line/, { within: '10ms' })).rejects.toMatchObject({
      code: 'CHAOS_LOG_LINE_MISSING',
      verdict: 'deviated',
    })
  })

  test('tell how they are', async () => {
    const statuses = await kubernetes.deployment('other').pods().statuses()
    expect(statuses.filter(({ phase }) => phase !== 'Terminating')).toMatchObject([
      {
        phase: 'Running',
        ready: true,
        restarts: 0,
        images: { web: goodImage },
        running: { web: expect.stringContaining(goodImage) },
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
      },
    ])
  })
})

describe.for([lab, realCluster])('a command in pods on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is run', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await namespace.addDeployment('web', { replicas: 2 })
    session = openSpecSession(namespace.target)
    await web.rolledOut(within)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const node = (code: string) => ['node', '-e', code]

  test('gives its output and its exit code', async () => {
    const code = "console.log('out'); console.error('err'); process.exitCode = 3"
    const results = await web.pods().exec(node(code), { undo: 'reads only', count: 'all' })
    expect(results).toHaveLength(2)
    for (const result of results) expect(result).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
    expect(session.performed).toEqual([])
  })

  test('is an action where it changes something', async () => {
    const undo = irreversible('a variable ends with its process')
    const [result] = await web.pods().exec(node("process.env.CHANGED = 'yes'"), { undo })
    expect(result).toMatchObject({ exitCode: 0, stdout: '' })
    expect(session.performed).toMatchObject([{ undo, description: { title: expect.stringMatching(/^run node -e/) } }])
  })

  test('that cannot be run, or does not end, is an error', async () => {
    await expect(web.pods().exec(['/no/such/program'], { undo: 'reads only' })).rejects.toMatchObject({
      code: 'CHAOS_EXEC_FAILED',
    })
    const forever = node('setInterval(() => {}, 1000)')
    await expect(web.pods().exec(forever, { undo: 'reads only', within: '2s' })).rejects.toMatchObject({
      code: 'CHAOS_EXEC_FAILED',
      message: expect.stringContaining('did not end within 2 s'),
    })
  })
})

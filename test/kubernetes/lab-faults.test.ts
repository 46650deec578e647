import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { always, eventually } from '../../src/probes/index.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { container, createNamespace, type TestNamespace } from './cluster.ts'
import { targetAt } from './kubeconfigs.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { labOfTwoNodes, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

// Each fault of a lab by the handle that a spec has: what a user or another pod has of it, and that it is gone when it was
// undone from the data alone, as whoever rolls back does it.

const within = { within: '20s' } as const
const service = kubernetes.service('web')
const web = kubernetes.deployment('web')
const caller = kubernetes.deployment('caller')

let cluster: TestTarget
let namespace: TestNamespace
let session: SpecSession
let url: string
let agent = new Agent()

beforeAll(async () => {
  cluster = await labOfTwoNodes.start()
  namespace = await createNamespace(cluster.target)
  await Promise.all([
    namespace.addService('web'),
    namespace.addDeployment('web', { replicas: 2 }),
    namespace.addDeployment('caller', { containers: [container('caller')] }),
  ])
  session = openSpecSession(namespace.target)
  await Promise.all([web.rolledOut(within), caller.rolledOut(within)])
  url = await service.url('/').resolve()
})

afterEach(async () => {
  await agent.destroy()
  agent = new Agent()
})

afterAll(async () => {
  await namespace?.remove()
  await cluster?.stop()
})

const undo = () => undoAll(session, namespace.target)

/** What a user gets: the status, or the code of the error. */
async function answer(timeoutMs = 10_000): Promise<number | string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent, headersTimeout: timeoutMs })
    await body.dump()
    return statusCode
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** What a pod of the caller gets. */
async function answerOfCaller({ of = url, timeoutMs = 20_000 } = {}): Promise<string> {
  const asks = `fetch(process.argv[1], { signal: AbortSignal.timeout(${timeoutMs}) }).then(({ status }) => console.log(status), (error) => console.log(error.cause?.code ?? error.name))`
  const [result] = await caller.pods().exec(['node', '-e', asks, of], { undo: 'reads only' })
  return result?.stdout.trim() ?? ''
}

async function fastestMs(): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 3; n++) {
    const startedAt = performance.now()
    expect(await answer()).toBe(200)
    times.push(performance.now() - startedAt)
  }
  return Math.min(...times)
}

test('a delay', async () => {
  expect(await fastestMs()).toBeLessThan(150)
  await service.delay('300ms', { jitter: '10ms' })
  expect(await fastestMs()).toBeGreaterThan(285)
  expect(session.performed.map(({ description }) => description)).toEqual([
    {
      title: 'delay service/web by 300 ms ± 10 ms',
      before: null,
      after: {
        faults: [
          {
            traffic: {
              to: { namespace: namespace.target.namespace, service: 'web' },
              ...{ effect: 'delay', delay: '300ms', jitter: '10ms' },
            },
          },
        ],
      },
    },
  ])
  expect(session.spans).toContain('kubernetes delay of service')
  await undo()
  expect(await fastestMs()).toBeLessThan(150)
})

test('errors, resets and a black hole', async () => {
  await service.errors({ status: 502 })
  expect(await answer()).toBe(502)
  await undo()
  expect(await answer()).toBe(200)

  await service.reset()
  expect(await answer()).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  await undo()

  await service.blackHole()
  expect(await answer(500)).toBe('UND_ERR_HEADERS_TIMEOUT')
  await undo()
  expect(await answer()).toBe(200)
})

test('a share of the requests, and bytes that come slowly', async () => {
  await service.errors({ share: '50%' })
  const codes: unknown[] = []
  for (let n = 0; n < 60; n++) codes.push(await answer())
  expect(new Set(codes)).toEqual(new Set([200, 503]))
  await undo()

  // Some 130 bytes: a second and more.
  await service.throttle('100B/s')
  const startedAt = performance.now()
  expect(await answer()).toBe(200)
  expect(performance.now() - startedAt).toBeGreaterThan(500)
  await undo()
})

test('between two workloads alone: reset, and a partition of workloads or nodes', async () => {
  await service.reset({ from: caller })
  expect([await answerOfCaller(), await answer()]).toEqual(['ECONNRESET', 200])
  await undo()
  expect(await answerOfCaller()).toBe('200')

  for (const cutOff of [
    () => caller.pods().partition({ from: web }),
    () => web.pods().partition({ from: caller.pods() }),
    async () => {
      const [status] = await caller.pods().statuses()
      for (const { name } of await kubernetes.nodes()) {
        if (name !== status?.node) await kubernetes.node(name).partition({ from: kubernetes.node(status?.node ?? '') })
      }
      // The pod of the web that is on the node of the caller is still reached.
      const left = web.pods()
      await kubernetes.node(status?.node ?? '').partition({ from: left })
    },
  ]) {
    await cutOff()
    expect([await answerOfCaller({ timeoutMs: 1000 }), await answer()]).toEqual(['TimeoutError', 200])
    await undo()
    expect(await answerOfCaller()).toBe('200')
  }
})

test('a name that is lost, for programs that run and for those that start', async () => {
  const named = (name: string) => answerOfCaller({ of: `http://${name}:8000/` })
  const { namespace: inNamespace } = namespace.target
  expect(await named('web')).toBe('200')
  await service.loseName()
  expect(await named('web')).toBe('ENOTFOUND')
  await undo()
  await service.loseName({ as: 'noAnswer' })
  expect(await named(`web.${inNamespace}.svc.cluster.local`)).toBe('EAI_AGAIN')
  expect(await answerOfCaller()).toBe('200')
  await undo()
  expect(await named(`web.${inNamespace}`)).toBe('200')
})

test('frozen endpoints: users are led to pods that are gone', async () => {
  await service.freezeEndpoints()
  await web.scale(0)
  await eventually(async () => expect(await web.pods().count()).toBe(0), within)
  expect(await answer()).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  await undo()
  await eventually(async () => expect(await answer()).toBe(200), within)
})

test('killed pods start again, and the undo waits until they are ready', async () => {
  const restarts = await web.pods().restarts()
  const names = await web.pods().kill({ count: 'all' })
  expect(names).toHaveLength(2)
  await undo()
  expect(await web.pods().restarts()).toBe(restarts + 2)
  expect((await service.endpoints()).ready.sort()).toEqual(names.sort())
  expect(await answer()).toBe(200)
})

test('pods that hang accept and answer nothing; they go on where they were', async () => {
  const restarts = await web.pods().restarts()
  await web.pods().hang({ count: 'all' })
  expect(session.performed[0]?.description).toMatchObject({
    title: expect.stringMatching(/^hang 2 pods \(web-/),
    before: { of: 2, pods: [expect.any(String), expect.any(String)] },
  })
  expect(await answer(500)).toBe('UND_ERR_HEADERS_TIMEOUT')
  // Nobody answers the probes, either.
  await eventually(async () => expect((await service.endpoints()).ready).toEqual([]), within)
  await undo()
  expect(await answer()).toBe(200)
  expect(await web.pods().restarts()).toBe(restarts)
})

test('a crash loop, and its end without waiting for the back-off', async () => {
  const [name] = await web.pods().crashLoop()
  const status = async () => (await web.pods().statuses()).find((status) => status.name === name)
  await eventually(async () => expect((await status())?.restarts).toBeGreaterThan(0), within)
  await eventually(async () => expect(await web.availability()).toBe('partial'), within)
  const events = await kubernetes.events({ about: `pod/${name}` })
  expect(events.map(({ reason }) => reason)).toContain('BackOff')
  await undo()
  await web.available(within)
})

test('a node that is powered off', async () => {
  const [{ node = '' } = {}] = await web.pods().statuses()
  await kubernetes.node(node).powerOff()
  const [gone] = (await web.pods().statuses()).filter((status) => status.node === node)
  expect(session.performed[0]?.description).toMatchObject({ title: `power off node/${node}` })
  await undo()
  const back = (await web.pods().statuses()).find(({ name }) => name === gone?.name)
  expect(back).toMatchObject({ ready: true, restarts: (gone?.restarts ?? 0) + 1 })
})

/** As somebody else does it, of whom nothing is to be undone. */
async function scaleTo(replicas: number): Promise<void> {
  const reference = { name: 'web', namespace: namespace.target.namespace }
  const scale = await namespace.apps.readNamespacedDeploymentScale(reference)
  await namespace.apps.replaceNamespacedDeploymentScale({ ...reference, body: { ...scale, spec: { replicas } } })
}

test('an API server that refuses and drops: the lab is late, and who undoes is not hit', async () => {
  await kubernetes.apiServer().errors({ status: 429, of: ['controllers'] })
  await kubernetes.apiServer().dropWatches()
  await kubernetes.apiServer().delay('100ms', { of: ['kubelets', 'proxy'] })
  await scaleTo(3)
  await always(async () => expect(await web.pods().count()).toBe(2), { for: '1s', every: '100ms' })
  await undo()
  await eventually(async () => expect(await web.pods().count()).toBe(3), within)

  await kubernetes.apiServer().errors({ share: '50%' })
  await kubernetes.apiServer().dropWatches()
  await scaleTo(2)
  await eventually(async () => expect(await web.pods().count()).toBe(2), within)
  await undo()
  await web.available(within)
})

test('a node whose kubelet is cut off from the API server, whose pods are reached', async () => {
  const [{ node = '', name = '' } = {}] = await web.pods().statuses()
  const names = async () => (await web.pods().statuses()).map((status) => status.name)
  await kubernetes.node(node).cutOff()
  await namespace.core.deleteNamespacedPod({ name, namespace: namespace.target.namespace })
  await always(async () => expect(await names()).toContain(name), { for: '2s' })
  await undo()
  await eventually(async () => expect(await names()).not.toContain(name), within)
  await web.available(within)
})

test('what is hit is limited, and what cannot be is refused before anything is done', async () => {
  openSpecSession(namespace.target, undefined, { ...defaultSafety, maxPods: 0.5 })
  const refused = { code: 'CHAOS_BLAST_RADIUS', message: expect.stringContaining('2 of 2') }
  await expect(web.pods().hang({ count: 'all' })).rejects.toMatchObject(refused)
  await expect(service.delay('1s')).rejects.toMatchObject(refused)
  openSpecSession(namespace.target)
  await expect(kubernetes.service('none').reset()).rejects.toMatchObject({ code: 'CHAOS_NO_SUCH_SERVICE' })
  await expect(service.delay('soon' as '1s')).rejects.toMatchObject({ code: 'CHAOS_BAD_DURATION' })
  await expect(service.throttle('fast' as '1B/s')).rejects.toMatchObject({ code: 'CHAOS_BAD_RATE' })
  await expect(service.errors({ status: 200 })).rejects.toMatchObject({ code: 'CHAOS_INVALID' })
  await expect(service.reset({ from: kubernetes.pods({ name: /^web/ }) })).rejects.toMatchObject({
    code: 'CHAOS_BAD_SELECTOR',
  })
  await expect(web.pods().kill({ container: 'nobody' })).rejects.toMatchObject({
    code: 'CHAOS_FAULT_FAILED',
    message: expect.stringContaining('has no container "nobody"'),
  })
  session = openSpecSession(namespace.target)
})

test('a lab has no engine of faults, and says what it has instead', async () => {
  const stress = kubernetes.object({ apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'StressChaos', name: 'stress' })
  await expect(stress.create({ spec: {} })).rejects.toMatchObject({
    code: 'CHAOS_NOT_SERVED',
    message: expect.stringMatching(/has no StressChaos.*pods\(\)\.kill\(\).*Pressure on CPU/),
  })
})

test('a cluster has none of them, and says what there is instead', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('404 page not found'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const there = await targetAt({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'x' })
  const { performed } = openSpecSession(there.target)
  const onlyInLab = {
    code: 'CHAOS_LAB_ONLY',
    message: expect.stringMatching(/only a lab can do this.*isolate\(.*chaos-mesh\.org.*defineAction/),
  }
  for (const tried of [
    () => service.delay('1s'),
    () => service.freezeEndpoints(),
    () => service.loseName(),
    () => kubernetes.pods({ labels: 'app=web' }).hang(),
    () => caller.pods().partition({ from: web }),
    () => kubernetes.node('worker-1').powerOff(),
    () => kubernetes.node('worker-1').cutOff(),
    () => kubernetes.apiServer().dropWatches(),
  ]) {
    await expect(tried()).rejects.toMatchObject(onlyInLab)
  }
  expect(performed).toEqual([])
  server.closeAllConnections()
  server.close()
  await there.remove()
  session = openSpecSession(namespace.target)
})

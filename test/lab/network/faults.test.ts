import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { type Fault, faults, isNotFound, pods } from '../../../src/lab/client/index.ts'
import type { FaultSpec, TrafficFault } from '../../../src/lab/faults.ts'
import { eventually } from '../kubelet/cluster.ts'
import { outcomeOf, ServiceUnderTest } from './service.ts'

// Each fault by its object, as whoever creates it does, and what a client of the service has of it: before, while it is
// in force, and when its object is gone.

const service = new ServiceUnderTest()
const toWeb = { to: { service: 'web' } }
/** What an exchange that nothing delays may take on a busy machine, at its best of some. */
const soonMs = 150

beforeEach(async () => {
  await service.create()
})

/** Creates a fault, and awaits that it is in force. */
async function inForce(spec: FaultSpec, name = 'fault'): Promise<void> {
  const { client } = service.cluster
  await client.create(faults, { metadata: { name }, spec })
  await eventually(async () => (await client.get(faults, { name })).status?.phase === 'Active')
}

/** Deletes it, and awaits that it is gone. */
async function lift(name = 'fault'): Promise<void> {
  const { client } = service.cluster
  await client.remove(faults, { name })
  await eventually(async () => {
    const gone = (error: unknown) => isNotFound(error)
    return (await client.get(faults, { name }).catch(gone)) === true
  })
}

const traffic = (fault: Omit<TrafficFault, 'to'>): FaultSpec => ({ traffic: { ...toWeb, ...fault } })

/** A pod, as the API knows it, at the nth address. */
async function createPod(name: string, n: number, labels: Record<string, string>): Promise<void> {
  const { client } = service.cluster
  await client.create(pods, {
    metadata: { name, namespace: 'default', labels },
    spec: { nodeName: `node-${n}`, containers: [{ name: 'main', image: 'web:v1' }] },
  })
  const status = { phase: 'Running', podIP: service.podIP(n) }
  await client.patch(pods, { namespace: 'default', name }, { status }, { subresource: 'status' })
}

/** Sends back what it hears. */
const echo = (socket: Socket) => void socket.pipe(socket)

async function echoed(socket: Socket, said: string): Promise<{ heard: string; afterMs: number }> {
  const startedAt = performance.now()
  socket.write(said)
  const [heard] = await once(socket, 'data')
  return { heard: String(heard), afterMs: performance.now() - startedAt }
}

/** How long an exchange takes, at its best of some. */
async function exchangeMs(socket: Socket): Promise<number> {
  const times: number[] = []
  for (const said of ['one', 'two', 'three']) times.push((await echoed(socket, said)).afterMs)
  return Math.min(...times)
}

test('a delay comes upon every exchange, also of connections that are there, and goes', async () => {
  await service.serve(2, echo)
  await service.setReady(2)
  await service.startProxy()
  const socket = await service.call()
  expect(await exchangeMs(socket)).toBeLessThan(soonMs)
  await inForce(traffic({ effect: 'delay', delay: '300ms' }))
  expect(await exchangeMs(socket)).toBeGreaterThan(295)
  expect(await exchangeMs(await service.call())).toBeGreaterThan(295)
  await lift()
  expect(await exchangeMs(socket)).toBeLessThan(soonMs)
})

test('much that is said at once is delayed once, and arrives whole', async () => {
  const all = Buffer.alloc(4 * 1024 * 1024, 'abc')
  await service.serve(2, (socket) => socket.end(all))
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'delay', delay: '200ms', jitter: '100ms' }))
  const startedAt = performance.now()
  const heard = await service.answer()
  expect(heard === all.toString()).toBe(true)
  expect(performance.now() - startedAt).toBeGreaterThan(95)
})

test('bytes that are throttled come little by little', async () => {
  await service.serve(2, (socket) => socket.end(Buffer.alloc(10_000, 'x')))
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'throttle', bytesPerSecond: 20_000 }))
  const socket = await service.call()
  const startedAt = performance.now()
  let heard = 0
  const parts = new Set<number>()
  for await (const bytes of socket) {
    heard += (bytes as Buffer).length
    parts.add(heard)
  }
  expect(heard).toBe(10_000)
  expect(parts.size).toBeGreaterThan(1)
  expect(performance.now() - startedAt).toBeGreaterThan(450)
})

test('a reset comes upon connections that are there and upon those that come', async () => {
  await service.serve(2, echo)
  await service.setReady(2)
  await service.startProxy()
  const socket = await service.call()
  await echoed(socket, 'before')
  const outcome = outcomeOf(socket)
  await inForce(traffic({ effect: 'reset' }))
  expect(await outcome).toBe('ECONNRESET')
  expect(await service.answer()).toBe('ECONNRESET')
  await lift()
  expect((await echoed(await service.call(), 'after')).heard).toBe('after')
})

test('into a black hole nothing goes, and out of it what was sent comes when it has ended', async () => {
  await service.serve(2, echo)
  await service.setReady(2)
  await service.startProxy()
  const [there, gaveUp] = [await service.call(), await service.call()]
  await echoed(there, 'before')
  await inForce(traffic({ effect: 'blackHole' }))
  const fresh = await service.call()
  const heard: string[] = []
  for (const socket of [there, fresh]) {
    socket.on('data', (bytes) => heard.push(String(bytes)))
    socket.write('hello')
  }
  gaveUp.destroy()
  await sleep(300)
  expect(heard).toEqual([])
  await lift()
  await eventually(() => heard.length === 2)
  expect(heard).toEqual(['hello', 'hello'])
})

test('a share of connections is hit, each for good', async () => {
  await service.serve(2, (socket) => socket.end('pod'))
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'reset', share: '50%' }))
  const told = await Promise.all(Array.from({ length: 200 }, () => service.answer()))
  const reset = told.filter((one) => one === 'ECONNRESET').length
  expect(told.filter((one) => one === 'pod')).toHaveLength(200 - reset)
  // Ten standard deviations from half: beyond chance.
  expect(Math.abs(reset - 100)).toBeLessThan(71)
})

test('frozen endpoints: the proxy hears of no change, and of all of them when that has ended', async () => {
  for (const n of [2, 3]) await service.serve(n, (socket) => socket.end(`pod ${n}`))
  await service.setReady(2)
  await service.startProxy()
  await inForce({ endpoints: { service: 'web', effect: 'frozen' } })
  await service.setReady(3)
  for (let n = 0; n < 10; n++) expect(await service.answer()).toBe('pod 2')
  await lift()
  expect(await service.answer()).toBe('pod 3')
})

test('from one set of pods to another, and not from or to others', async () => {
  await createPod('caller', 7, { app: 'caller' })
  await createPod('other', 8, { app: 'other' })
  await createPod('web', 2, { app: 'web' })
  await service.serve(2, (socket) => socket.end('pod'))
  await service.setReady(2)
  await service.startProxy()
  const [caller, other] = [7, 8].map((n) => loopbackAddress(service.podIP(n)))
  const from = { pods: { matchLabels: { app: 'caller' } } }
  const to = { pods: { matchLabels: { app: 'web' } } }
  for (const spec of [
    { from, to },
    { from, ...toWeb },
    { from: { node: 'node-7' }, to: { node: 'node-2' } },
    { from: to, to: from, bothWays: true },
  ]) {
    await inForce({ traffic: { ...spec, effect: 'reset' } })
    expect(await service.answer(caller)).toBe('ECONNRESET')
    expect(await service.answer(other)).toBe('pod')
    expect(await service.answer()).toBe('pod')
    await lift()
    expect(await service.answer(caller)).toBe('pod')
  }
  await inForce({ traffic: { from: to, to: from, effect: 'reset' } })
  expect(await service.answer(caller)).toBe('pod')
})

test('two faults add up, and the one goes without the other', async () => {
  await service.serve(2, echo)
  await service.setReady(2)
  await service.startProxy()
  const socket = await service.call()
  await inForce(traffic({ effect: 'delay', delay: '200ms' }), 'first')
  await inForce(traffic({ effect: 'delay', delay: '200ms' }), 'second')
  expect(await exchangeMs(socket)).toBeGreaterThan(395)
  await lift('first')
  const oneMs = await exchangeMs(socket)
  expect(oneMs).toBeGreaterThan(195)
  expect(oneMs).toBeLessThan(390)
})

test('a proxy that starts again brings back what is in force', async () => {
  await service.serve(2, (socket) => socket.end('pod'))
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'reset' }))
  await service.restartProxy()
  expect(await service.answer()).toBe('ECONNRESET')
  await lift()
  expect(await service.answer()).toBe('pod')
})

// The address of the proxy is kept by undici's agent, so that connections are used again.
let agent: Agent
beforeEach(() => {
  agent = new Agent({ connections: 1, pipelining: 1 })
})
afterEach(() => agent.destroy())

async function serveHttp(n: number, heard: string[] = []): Promise<void> {
  const http = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    heard.push(`${message.method} ${message.url} ${body}`)
    response.end('from the pod')
  })
  await service.serve(n, (socket) => void http.emit('connection', socket))
}

async function asked(path: string, options: { method?: 'GET' | 'POST' | 'HEAD'; body?: string } = {}) {
  const { statusCode, body } = await request(`http://${service.host}:8080${path}`, { dispatcher: agent, ...options })
  return { statusCode, text: await body.text() }
}

test('errors: requests are answered on the way, also on a connection that is kept, and the others pass', async () => {
  const heard: string[] = []
  await serveHttp(2, heard)
  await service.setReady(2)
  await service.startProxy()
  expect(await asked('/before')).toEqual({ statusCode: 200, text: 'from the pod' })
  await inForce(traffic({ effect: 'errors', status: 503 }))
  expect(await asked('/get')).toEqual({ statusCode: 503, text: 'a fault of the lab\n' })
  expect((await asked('/head', { method: 'HEAD' })).statusCode).toBe(503)
  expect((await asked('/post', { method: 'POST', body: 'x'.repeat(1000) })).statusCode).toBe(503)
  expect(heard).toEqual(['GET /before '])
  await lift()
  expect(await asked('/after', { method: 'POST', body: 'body' })).toMatchObject({ statusCode: 200 })
  expect(heard).toEqual(['GET /before ', 'POST /after body'])
})

test('errors: a share of requests, one by one', async () => {
  await serveHttp(2)
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'errors', status: 500, share: '30%' }))
  const codes: number[] = []
  for (let n = 0; n < 300; n++) codes.push((await asked('/')).statusCode)
  const failed = codes.filter((code) => code === 500).length
  expect(codes.filter((code) => code === 200)).toHaveLength(300 - failed)
  // Nearly eight standard deviations from 90.
  expect(Math.abs(failed - 90)).toBeLessThan(60)
})

test('errors and a delay: the error is as late as an answer', async () => {
  await serveHttp(2)
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'errors', status: 500 }), 'errors')
  await inForce(traffic({ effect: 'delay', delay: '200ms' }), 'delay')
  const startedAt = performance.now()
  expect((await asked('/')).statusCode).toBe(500)
  expect(performance.now() - startedAt).toBeGreaterThan(195)
})

test('errors: what is no HTTP/1.1 passes, however its first bytes come', async () => {
  await service.serve(2, echo)
  await service.setReady(2)
  await service.startProxy()
  await inForce(traffic({ effect: 'errors', status: 500 }))
  const socket = await service.call()
  for (const said of ['\x16\x03\x01 not HTTP', 'get / of lower case', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    expect((await echoed(socket, said)).heard).toBe(said)
  }
  const slow = await service.call()
  const heard = outcomeOf(slow)
  slow.write('GE')
  await sleep(20)
  slow.write('T / HT')
  await sleep(20)
  slow.end('TP/1.1\r\nhost: web\r\n\r\n')
  expect(await heard).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/)
  const short = await service.call()
  short.end('GET')
  expect(await outcomeOf(short)).toBe('GET')
})

test.for<[string, object, RegExp]>([
  ['nothing', {}, /spec: Required value: a fault is of one of node, process, traffic/],
  ['two things', { node: { name: 'a', effect: 'down' }, traffic: { ...toWeb, effect: 'reset' } }, /of node already/],
  ['an unknown effect', traffic({ effect: 'slow' as 'delay' }), /Unsupported value: "slow": supported values: "delay"/],
  ['a delay without a delay', traffic({ effect: 'delay' }), /spec.traffic.delay: Required value/],
  ['a delay that is none', traffic({ effect: 'delay', delay: '3 days' as '3s' }), /"3 days" is not a duration/],
  ['a share that is none', traffic({ effect: 'reset', share: '200%' }), /"200%" is not a share/],
  ['a status that is no error', traffic({ effect: 'errors', status: 200 }), /must be between 400 and 599/],
  ['a field of another effect', traffic({ effect: 'reset', delay: '1s' }), /"reset" does not take it/],
  [
    'a field that is none',
    traffic({ effect: 'reset', sahre: '1%' } as never),
    /spec.traffic.sahre: Forbidden: there are/,
  ],
  ['the load that a lab cannot make', { process: { pod: 'a', effect: 'cpuStress' } }, /CHAOS_LAB_CANNOT.*processors/],
  ['the kernel that a lab has not', { kernel: {} }, /CHAOS_LAB_CANNOT.*no kernel of its own.*Chaos Mesh/],
])('a fault of %s is refused by name', async ([_title, spec, message]) => {
  const creation = service.cluster.client.create(faults, { metadata: { name: 'x' }, spec } as Fault)
  await expect(creation).rejects.toMatchObject({ status: 422, message: expect.stringMatching(message) })
})

test('a fault that nobody brings about is deleted at once', async () => {
  const { client } = service.cluster
  await client.create(faults, { metadata: { name: 'x' }, spec: traffic({ effect: 'reset' }) })
  await client.remove(faults, { name: 'x' })
  await expect(client.get(faults, { name: 'x' })).rejects.toMatchObject({ status: 404 })
})

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { endpoints, services } from '../../../src/lab/client/index.ts'
import {
  type RunningServiceProxy,
  type ServiceProxyOptions,
  startServiceProxy,
} from '../../../src/lab/network/index.ts'
import { eventually, startCluster, type TestCluster } from '../kubelet/cluster.ts'

const web = { name: 'web', namespace: 'default' }
let cluster: TestCluster
let proxy: RunningServiceProxy | undefined
const servers: Server[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  cluster = await startCluster()
})

afterEach(async () => {
  await proxy?.stop()
  proxy = undefined
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  await cluster.close()
})

/** The address of the nth pod, as the API shows it. */
function podIP(n: number): string {
  return `${cluster.kubelet.podRange}.${n}`
}

/** A process that listens in the nth pod. */
async function serve(n: number, onConnection: (socket: Socket) => void): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  servers.push(server)
  server.listen(8000, loopbackAddress(podIP(n)))
  await once(server, 'listening')
}

async function createService(): Promise<void> {
  await cluster.client.create(services, {
    metadata: web,
    spec: { clusterIP: `${cluster.serviceRange}.10`, ports: [{ name: 'http', port: 8080, targetPort: 8000 }] },
  })
  await cluster.client.create(endpoints, { metadata: web, subsets: [] })
}

async function setReady(...pods: number[]): Promise<void> {
  const addresses = pods.map((n) => ({ ip: podIP(n) }))
  const subsets = pods.length > 0 ? [{ addresses, ports: [{ name: 'http', port: 8000 }] }] : []
  const stored = await cluster.client.get(endpoints, web)
  await cluster.client.replace(endpoints, { ...stored, subsets })
}

async function startProxy(options?: ServiceProxyOptions): Promise<void> {
  proxy = await startServiceProxy(cluster.access, options)
}

/** A connection to the service, which is closed when the test ends. */
async function call(localAddress?: string): Promise<Socket> {
  const socket = connect({
    host: loopbackAddress(`${cluster.serviceRange}.10`),
    port: 8080,
    allowHalfOpen: true,
    ...(localAddress ? { localAddress } : {}),
  })
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

/** What a connection ends with: all that was said, or the error's code. */
function outcomeOf(socket: Socket): Promise<string> {
  return text(socket).catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
}

/** What a new connection to the service is told, or the code of what went wrong. */
async function answer(localAddress?: string): Promise<string> {
  try {
    return await outcomeOf(await call(localAddress))
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

async function answers(expected: string): Promise<void> {
  await eventually(async () => (await answer()) === expected)
}

test('connections are spread over the ready endpoints at random', async () => {
  await Promise.all([1, 2].map((n) => serve(n + 1, (socket) => socket.end(`pod ${n}`))))
  await createService()
  await setReady(2, 3)
  await startProxy()
  const told = await Promise.all(Array.from({ length: 200 }, () => answer()))
  const first = told.filter((one) => one === 'pod 1').length
  expect(told.filter((one) => one === 'pod 2')).toHaveLength(200 - first)
  // Ten standard deviations from half: beyond chance.
  expect(Math.abs(first - 100)).toBeLessThan(71)
})

test('without a ready endpoint clients are refused, until there is one', async () => {
  await serve(2, (socket) => socket.end('pod'))
  await createService()
  await startProxy()
  expect(await answer()).toBe('ECONNREFUSED')
  await setReady(2)
  await answers('pod')
  await setReady()
  await answers('ECONNREFUSED')
  await setReady(2)
  await answers('pod')
  await cluster.client.remove(services, web)
  await answers('ECONNREFUSED')
})

test('an established connection stays with its endpoint', async () => {
  await serve(2, (socket) => socket.pipe(socket))
  await serve(3, (socket) => socket.end('other'))
  await createService()
  await setReady(2)
  await startProxy()
  const socket = await call()
  socket.write('before ')
  await once(socket, 'data')
  await setReady(3)
  await answers('other')
  await cluster.client.remove(services, web)
  await answers('ECONNREFUSED')
  socket.end('after')
  expect(await outcomeOf(socket)).toBe('after')
})

test('one side may end while the other goes on', async () => {
  await serve(2, async (socket) => socket.end(`heard: ${await text(socket)}`))
  await createService()
  await setReady(2)
  await startProxy()
  const socket = await call()
  socket.end('all that I have to say')
  expect(await outcomeOf(socket)).toBe('heard: all that I have to say')
})

test('a reset is passed on, either way', async () => {
  const fromClient = Promise.withResolvers<string>()
  await serve(2, (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => fromClient.resolve(error.code ?? ''))
    socket.once('data', (said) => {
      if (String(said) === 'reset me') socket.resetAndDestroy()
      else socket.write('yes?')
    })
  })
  await createService()
  await setReady(2)
  await startProxy()
  const victim = await call()
  victim.write('reset me')
  expect(await outcomeOf(victim)).toBe('ECONNRESET')
  const culprit = await call()
  culprit.write('hello')
  await once(culprit, 'data')
  culprit.resetAndDestroy()
  expect(await fromClient.promise).toBe('ECONNRESET')
})

test('an endpoint at which nothing listens resets', async () => {
  await createService()
  await setReady(9)
  await startProxy()
  expect(await answer()).toBe('ECONNRESET')
})

test('the endpoint sees which pod calls', async () => {
  await serve(2, (socket) => socket.end(socket.remoteAddress ?? ''))
  await createService()
  await setReady(2)
  await startProxy()
  const caller = loopbackAddress(podIP(7))
  expect(await answer(caller)).toBe(caller)
})

test('changes take effect after the delay that was asked for', async () => {
  await serve(2, (socket) => socket.end('pod'))
  await createService()
  await startProxy({ syncDelayMs: 300 })
  const changedAt = performance.now()
  await setReady(2)
  await answers('pod')
  expect(performance.now() - changedAt).toBeGreaterThan(290)
})

test('an address that is taken is reported once, and served when it is free', async () => {
  const squatter = createServer()
  squatter.listen(8080, loopbackAddress(`${cluster.serviceRange}.10`))
  await once(squatter, 'listening')
  await serve(2, (socket) => socket.end('pod'))
  await createService()
  await setReady(2)
  const problems: string[] = []
  await startProxy({ onError: (error) => problems.push(error.message) })
  expect(problems).toEqual([expect.stringContaining('The service default/web:http cannot be served on 127.18.')])
  squatter.close()
  await answers('pod')
  expect(problems).toHaveLength(1)
})

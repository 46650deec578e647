import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { kubeconfigFor, writeKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { nodes } from '../../../src/lab/client/index.ts'
import { findExecutable } from '../../../src/lab/kubelet/executable.ts'
import { type RunningKubelet, startKubelet } from '../../../src/lab/kubelet/index.ts'
import { isReady, nodeName, startCluster, type TestCluster } from './cluster.ts'

let cluster: TestCluster
let kubelet: RunningKubelet
let folder: string

const readinessProbe = { tcpSocket: { port: 8000 }, periodSeconds: 1 }

beforeAll(async () => {
  cluster = await startCluster()
  kubelet = await startKubelet(cluster.access, cluster.kubelet)
  folder = mkdtempSync(join(tmpdir(), 'port-forward-'))
  writeKubeconfig(join(folder, 'kubeconfig'), cluster.access)
  await cluster.createPod('web', { readinessProbe })
  await cluster.createPod('echo', { readinessProbe, command: ['node', 'echo.mjs'] })
  await cluster.podUntil('web', isReady)
  await cluster.podUntil('echo', isReady)
})
afterAll(async () => {
  await kubelet.stop()
  await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What comes back of much that is sent. */
async function echoed(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.end(bytes)
  return buffer(socket)
}

const much = Buffer.alloc(3_000_000, 'chaos ')

describe('a port of a pod, by the client library', () => {
  const forwarder = () => {
    const config = new KubeConfig()
    config.loadFromString(kubeconfigFor(cluster.access))
    return new PortForward(config, true)
  }

  async function forwarded(pod: string, port: number, input: PassThrough) {
    const [output, errors] = [new PassThrough(), new PassThrough()]
    const socket = await forwarder().portForward('default', pod, [port], output, errors, input)
    if (!('on' in socket)) throw new Error('it is no connection')
    socket.on('close', () => {
      output.end()
      errors.end()
    })
    return { output, errors, socket }
  }

  test('is spoken with', async () => {
    const input = new PassThrough()
    const { output, errors } = await forwarded('web', 8000, input)
    input.write('GET /pid HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n')
    expect(await text(output)).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(await text(errors)).toBe('')
  })

  test('takes and gives much, and hears the end', async () => {
    const input = new PassThrough()
    const { output } = await forwarded('echo', 8000, input)
    input.end(much)
    expect((await buffer(output)).equals(much)).toBe(true)
  })

  test('at which nobody listens is said to be refused', async () => {
    const { output, errors } = await forwarded('web', 8001, new PassThrough())
    expect(await text(errors)).toMatch(
      /^error forwarding port 8001 to pod web, uid [-0-9a-f]{36}: connect ECONNREFUSED/,
    )
    expect(await text(output)).toBe('')
  })
})

describe('refused', () => {
  /** What becomes of a request to be upgraded to WebSocket. */
  async function ask(server: string, path: string, protocol: string, token = cluster.access.token): Promise<string> {
    const headers = {
      authorization: `Bearer ${token}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-protocol': protocol,
    }
    const send = server.startsWith('https:') ? httpsRequest : httpRequest
    const { promise, resolve } = Promise.withResolvers<string>()
    const request = send(`${server}${path}`, { headers, ca: cluster.access.ca, agent: false })
    request.on('upgrade', (_answer, socket) => {
      socket.destroy()
      resolve('upgraded')
    })
    request.on('response', async (answer) => resolve(`${answer.statusCode} ${await text(answer)}`))
    request.on('error', () => resolve('hung up'))
    request.end()
    return promise
  }

  const channels = 'v4.channel.k8s.io'
  const podsPath = '/api/v1/namespaces/default/pods'

  test.each([
    ['a pod that does not exist', 'nobody', 'ports=8000', channels, /^404 .*pods \\"nobody\\" not found/],
    [
      'a protocol that the lab does not speak',
      'web',
      'ports=8000',
      'v9.channel.k8s.io',
      /^400 the kubelet of the lab does not serve/,
    ],
    ['what is no port', 'web', 'ports=0', channels, /^500 unable to parse "0" as a port/],
    ['no number at all', 'web', 'ports=http', channels, /^500 unable to parse "http" as a port/],
  ])('is %s', async (_what, pod, query, protocol, answer) => {
    expect(await ask(cluster.access.server, `${podsPath}/${pod}/portforward?${query}`, protocol)).toMatch(answer)
  })

  test('is everybody but the API server at the kubelet, which no path ends', async () => {
    const { status } = await cluster.client.get(nodes, { name: nodeName })
    const host = loopbackAddress(`${cluster.kubelet.podRange}.1`)
    const server = `http://${host}:${status?.daemonEndpoints?.kubeletEndpoint?.Port}`
    expect(await ask(server, '/portForward/default/web?ports=8000', channels, 'wrong')).toBe('401 Unauthorized')
    expect(await ask(server, '/portForward/%zz', channels)).toBe('hung up')
    expect(await ask(server, '/toString/default/web', channels)).toMatch(/^400 /)
    expect(await ask(server, '/portForward/default/web?ports=8000', channels)).toBe('upgraded')
  })
})

const kubectl = findExecutable('kubectl', process.env.PATH ?? '', '/')

// The versions before 1.31 know SPDY alone; this variable makes the later ones do the same.
describe.skipIf(!kubectl && process.env.CI === undefined).each([
  ['SPDY', { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
  ['SPDY in a WebSocket', { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'true' }],
])('kubectl port-forward by %s (skipped where it is not installed)', (_protocol, variables) => {
  let child: ChildProcess
  let port: number
  let said = ''

  async function start(pod: string, remotePort: number): Promise<void> {
    const env = { ...process.env, ...variables, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }
    child = spawn(kubectl ?? 'kubectl', ['port-forward', pod, `:${remotePort}`], { env })
    said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk
    })
    if (!child.stdout) throw new Error('it has no output')
    const [line] = await once(child.stdout, 'data')
    port = Number(/127\.0\.0\.1:(\d+) ->/.exec(String(line))?.[1])
  }

  async function stop(): Promise<void> {
    child.kill()
    await once(child, 'exit')
  }

  test('serves many connections side by side, one after the other, and much', async () => {
    await start('echo', 8000)
    const words = Array.from({ length: 20 }, (_, index) => Buffer.from(`word ${index}`))
    const heard = await Promise.all(words.map((word) => echoed(port, word)))
    expect(heard.map(String)).toEqual(words.map(String))
    expect((await echoed(port, much)).equals(much)).toBe(true)
    expect(String(await echoed(port, Buffer.from('last')))).toBe('last')
    await stop()
  })

  test('serves HTTP with connections that are kept', async () => {
    await start('web', 8000)
    const pids = [await fetch(`http://127.0.0.1:${port}/pid`), await fetch(`http://127.0.0.1:${port}/pid`)]
    const [first, second] = await Promise.all(pids.map((answer) => answer.text()))
    expect(first).toMatch(/^\d+$/)
    expect(second).toBe(first)
    await stop()
  })

  test('says that nobody listens', async () => {
    await start('web', 8001)
    expect(await echoed(port, Buffer.from('hello')).catch(() => Buffer.alloc(0))).toHaveLength(0)
    await expect.poll(() => said, { timeout: 10_000 }).toContain('error forwarding port 8001 to pod web')
    child.kill()
  })
})

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { endpoints, services } from '../../../src/lab/client/index.ts'
import {
  type RunningServiceProxy,
  type ServiceProxyOptions,
  startServiceProxy,
} from '../../../src/lab/network/index.ts'
import { eventually, startCluster, type TestCluster } from '../kubelet/cluster.ts'

export const web = { name: 'web', namespace: 'default' }

/** Each test has a cluster of its own, with a proxy and pods that are servers of the test. */
export class ServiceUnderTest {
  #cluster: TestCluster | undefined
  #proxy: RunningServiceProxy | undefined
  readonly #servers: Server[] = []
  readonly #sockets: Socket[] = []

  constructor() {
    beforeEach(async () => {
      this.#cluster = await startCluster()
    })
    afterEach(async () => {
      await this.#proxy?.stop()
      this.#proxy = undefined
      for (const socket of this.#sockets.splice(0)) socket.destroy()
      for (const server of this.#servers.splice(0)) server.close()
      await this.#cluster?.close()
    })
  }

  get cluster(): TestCluster {
    if (!this.#cluster) throw new Error('no test runs')
    return this.#cluster
  }

  /** The address of the service on this machine. */
  get host(): string {
    return loopbackAddress(`${this.cluster.serviceRange}.10`)
  }

  /** The address of the nth pod, as the API shows it. */
  podIP(n: number): string {
    return `${this.cluster.kubelet.podRange}.${n}`
  }

  /** A process that listens in the nth pod. */
  async serve(n: number, onConnection: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.push(socket)
      socket.on('error', () => {})
      onConnection(socket)
    })
    this.#servers.push(server)
    server.listen(8000, loopbackAddress(this.podIP(n)))
    await once(server, 'listening')
  }

  async create(): Promise<void> {
    const { client, serviceRange } = this.cluster
    await client.create(services, {
      metadata: web,
      spec: { clusterIP: `${serviceRange}.10`, ports: [{ name: 'http', port: 8080, targetPort: 8000 }] },
    })
    await client.create(endpoints, { metadata: web, subsets: [] })
  }

  async setReady(...pods: number[]): Promise<void> {
    const { client } = this.cluster
    const addresses = pods.map((n) => ({ ip: this.podIP(n) }))
    const subsets = pods.length > 0 ? [{ addresses, ports: [{ name: 'http', port: 8000 }] }] : []
    const stored = await client.get(endpoints, web)
    await client.replace(endpoints, { ...stored, subsets })
  }

  async startProxy(options?: ServiceProxyOptions): Promise<void> {
    this.#proxy = await startServiceProxy(this.cluster.access, options)
  }

  async restartProxy(): Promise<void> {
    await this.#proxy?.stop()
    await this.startProxy()
  }

  /** A connection to the service, which is closed when the test ends. */
  async call(localAddress?: string): Promise<Socket> {
    const socket = connect({
      host: this.host,
      port: 8080,
      allowHalfOpen: true,
      ...(localAddress ? { localAddress } : {}),
    })
    this.#sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** What a new connection to the service is told, or the code of what went wrong. */
  async answer(localAddress?: string): Promise<string> {
    try {
      return await outcomeOf(await this.call(localAddress))
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error)
    }
  }

  async answers(expected: string): Promise<void> {
    await eventually(async () => (await this.answer()) === expected)
  }
}

/** What a connection ends with: all that was said, or the error's code. */
export function outcomeOf(socket: Socket): Promise<string> {
  return text(socket).catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
}

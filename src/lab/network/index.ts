/**
 * The network of the lab: services on addresses of this machine. It speaks the Kubernetes API alone.
 */
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import {
  type ApiAccess,
  ApiClient,
  endpoints,
  type Fault,
  FaultFollower,
  Informer,
  pods,
  type Stored,
  services,
} from '../client/index.ts'
import type { Connection } from './connection.ts'
import { FrozenEndpoints } from './frozen-endpoints.ts'
import { routesOf } from './routes.ts'
import { ServicePort } from './service-port.ts'
import { TrafficFaults } from './traffic-faults.ts'

export interface ServiceProxyOptions {
  /** How long after a change of services or endpoints it takes effect, in milliseconds (0; kube-proxy: up to 1000). */
  syncDelayMs?: number
  /** Told when a service cannot be served on its address, which is then tried again. Default: a process warning. */
  onError?: (error: Error) => void
}

export interface RunningServiceProxy {
  /** Ends every listener and every connection. */
  stop(): Promise<void>
}

/**
 * Serves every TCP port of every service that has an address, as kube-proxy does in iptables mode: a random ready
 * endpoint for each connection, connection refused when there is none, and established connections left alone. It
 * brings about the faults of traffic and of endpoints.
 *
 * Resolves when the services that are there already can be called, and the faults that are there are in force.
 */
export async function startServiceProxy(
  access: ApiAccess,
  options: ServiceProxyOptions = {},
): Promise<RunningServiceProxy> {
  const proxy = new ServiceProxy(access, options)
  await proxy.start()
  return proxy
}

class ServiceProxy implements RunningServiceProxy {
  readonly #client: ApiClient
  readonly #services: Informer<Service>
  readonly #endpoints: Informer<Endpoints>
  readonly #pods: Informer<Pod>
  readonly #follower: FaultFollower
  readonly #frozen = new FrozenEndpoints()
  readonly #syncDelayMs: number
  readonly #onError: (error: Error) => void
  readonly #ports = new Map<string, ServicePort>()
  readonly #connections = new Set<Connection>()
  readonly #faults = new TrafficFaults()
  #nextSync: NodeJS.Timeout | undefined
  #started = false

  constructor(access: ApiAccess, { syncDelayMs = 0, onError = process.emitWarning }: ServiceProxyOptions) {
    this.#client = new ApiClient(access, 'kube-proxy')
    this.#services = new Informer(this.#client, services)
    this.#endpoints = new Informer(this.#client, endpoints)
    this.#pods = new Informer(this.#client, pods)
    this.#follower = new FaultFollower(this.#client, {
      part: 'service-proxy',
      concerns: ({ traffic, endpoints }) => traffic !== undefined || endpoints !== undefined,
      begin: (fault) => this.#begin(fault),
      end: (fault) => this.#end(fault),
    })
    this.#syncDelayMs = syncDelayMs
    this.#onError = onError
  }

  async start(): Promise<void> {
    for (const informer of [this.#services, this.#endpoints]) {
      informer.onChange(() => this.#changed())
      informer.start()
    }
    this.#pods.onChange((_old, pod) => {
      if (pod) this.#faults.notePod(pod)
    })
    this.#pods.start()
    await Promise.all([this.#services.synced, this.#endpoints.synced, this.#pods.synced])
    this.#started = true
    await this.#sync()
    await this.#follower.start()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#nextSync)
    await this.#follower.stop()
    await Promise.all([this.#services.stop(), this.#endpoints.stop(), this.#pods.stop()])
    for (const port of this.#ports.values()) port.close()
    for (const connection of this.#connections) connection.destroy()
    this.#client.close()
  }

  async #begin({ metadata: { uid }, spec }: Stored<Fault>): Promise<void> {
    if (spec.traffic) this.#faults.add(uid, spec.traffic)
    if (spec.endpoints) this.#frozen.freeze(uid, spec.endpoints, this.#endpoints.list())
    await this.#faultsChanged()
  }

  async #end({ metadata: { uid } }: Stored<Fault>): Promise<void> {
    this.#faults.remove(uid)
    this.#frozen.release(uid)
    await this.#faultsChanged()
  }

  async #faultsChanged(): Promise<void> {
    for (const connection of this.#connections) connection.update()
    await this.#sync()
  }

  #changed(): void {
    if (!this.#started) return
    if (this.#syncDelayMs === 0) void this.#sync()
    else this.#nextSync ??= setTimeout(() => void this.#sync(), this.#syncDelayMs)
  }

  async #sync(): Promise<void> {
    this.#nextSync = undefined
    const routes = routesOf(this.#services.list(), this.#frozen.insteadOf(this.#endpoints.list()))
    const wanted = new Map(routes.map((route) => [`${route.name} ${route.listen.host}:${route.listen.port}`, route]))
    for (const [key, port] of this.#ports) {
      if (wanted.has(key)) continue
      port.close()
      this.#ports.delete(key)
    }
    const opening = [...wanted].map(([key, route]) => {
      const port =
        this.#ports.get(key) ??
        new ServicePort(route, { connections: this.#connections, faults: this.#faults }, this.#onError)
      this.#ports.set(key, port)
      return port.route(route.targets)
    })
    await Promise.all(opening)
  }
}

/**
 * The network of the lab: services on addresses of this machine. It speaks the Kubernetes API alone.
 */
import type { Socket } from 'node:net'
import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts'
import { type ApiAccess, ApiClient, endpoints, Informer, services } from '../client/index.ts'
import { routesOf } from './routes.ts'
import { ServicePort } from './service-port.ts'

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
 * endpoint for each connection, connection refused when there is none, and established connections left alone.
 *
 * Resolves when the services that are there already can be called.
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
  readonly #syncDelayMs: number
  readonly #onError: (error: Error) => void
  readonly #ports = new Map<string, ServicePort>()
  readonly #connections = new Set<Socket>()
  #nextSync: NodeJS.Timeout | undefined
  #started = false

  constructor(access: ApiAccess, { syncDelayMs = 0, onError = process.emitWarning }: ServiceProxyOptions) {
    this.#client = new ApiClient(access)
    this.#services = new Informer(this.#client, services)
    this.#endpoints = new Informer(this.#client, endpoints)
    this.#syncDelayMs = syncDelayMs
    this.#onError = onError
  }

  async start(): Promise<void> {
    for (const informer of [this.#services, this.#endpoints]) {
      informer.onChange(() => this.#changed())
      informer.start()
    }
    await Promise.all([this.#services.synced, this.#endpoints.synced])
    this.#started = true
    await this.#sync()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#nextSync)
    await Promise.all([this.#services.stop(), this.#endpoints.stop()])
    for (const port of this.#ports.values()) port.close()
    for (const connection of this.#connections) connection.resetAndDestroy()
    this.#client.close()
  }

  #changed(): void {
    if (!this.#started) return
    if (this.#syncDelayMs === 0) void this.#sync()
    else this.#nextSync ??= setTimeout(() => void this.#sync(), this.#syncDelayMs)
  }

  async #sync(): Promise<void> {
    this.#nextSync = undefined
    const routes = routesOf(this.#services.list(), this.#endpoints.list())
    const wanted = new Map(routes.map((route) => [`${route.name} ${route.listen.host}:${route.listen.port}`, route]))
    for (const [key, port] of this.#ports) {
      if (wanted.has(key)) continue
      port.close()
      this.#ports.delete(key)
    }
    const opening = [...wanted].map(([key, route]) => {
      const port = this.#ports.get(key) ?? new ServicePort(route, this.#connections, this.#onError)
      this.#ports.set(key, port)
      return port.route(route.targets)
    })
    await Promise.all(opening)
  }
}

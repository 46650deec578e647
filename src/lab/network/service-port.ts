import { createServer, type Server, type Socket } from 'node:net'
import { messageOf } from '../../support/errors.ts'
import { Connection } from './connection.ts'
import type { Route, Target } from './routes.ts'
import type { TrafficFaults } from './traffic-faults.ts'

const retryMs = 1_000

/** What all ports of a proxy have in common. */
export interface SharedByPorts {
  /** The connections that there are, also those of ports that were closed. */
  connections: Set<Connection>
  faults: TrafficFaults
}

/**
 * The listener of one port of a service. It is open for as long as there is a ready endpoint: without one the kernel
 * refuses clients, as kube-proxy does. Each connection goes to an endpoint of its own, chosen at random, and stays
 * there, whatever becomes of the endpoints.
 */
export class ServicePort {
  readonly #name: string
  readonly #service: string
  readonly #listen: Target
  readonly #onError: (error: Error) => void
  readonly #shared: SharedByPorts
  #targets: readonly Target[] = []
  #server: Server | undefined
  #retry: NodeJS.Timeout | undefined
  #complained = false

  constructor({ name, service, listen }: Route, shared: SharedByPorts, onError: (error: Error) => void) {
    this.#name = name
    this.#service = service
    this.#listen = listen
    this.#shared = shared
    this.#onError = onError
  }

  /** Sends new connections there from now on. Resolves when the listener is open, or closed, accordingly. */
  async route(targets: readonly Target[]): Promise<void> {
    this.#targets = targets
    if (targets.length === 0) this.#closeListener()
    else if (!this.#server && !this.#retry) await this.#openListener()
  }

  /** Takes no new connections. Established ones go on. */
  close(): void {
    this.#targets = []
    this.#closeListener()
  }

  #openListener(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
    this.#server = server
    return new Promise((resolve) => {
      server.once('listening', resolve)
      server.once('close', resolve)
      server.once('error', (error) => {
        if (this.#server === server) this.#openLater(error)
        resolve()
      })
      server.listen(this.#listen)
    })
  }

  /** The address may be another program's, or not ours to bind: said once, and tried again. */
  #openLater(error: Error): void {
    const { host, port } = this.#listen
    this.#server = undefined
    if (!this.#complained) {
      this.#complained = true
      const problem = `The service ${this.#name} cannot be served on ${host}:${port}: ${messageOf(error)}`
      this.#onError(new Error(problem, { cause: error }))
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      void this.route(this.#targets)
    }, retryMs)
  }

  #closeListener(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#server?.close()
    this.#server = undefined
  }

  #accept(client: Socket): void {
    const target = this.#targets[Math.floor(Math.random() * this.#targets.length)]
    if (!target) {
      client.resetAndDestroy()
      return
    }
    const { connections, faults } = this.#shared
    const connection: Connection = new Connection(
      client,
      { service: this.#service, target },
      { faults, onClosed: () => connections.delete(connection) },
    )
    connections.add(connection)
  }
}

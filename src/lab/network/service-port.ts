import { createServer, type Server, type Socket } from 'node:net'
import { messageOf } from '../../support/errors.ts'
import { relay } from './relay.ts'
import type { Route, Target } from './routes.ts'

const retryMs = 1_000

/**
 * The listener of one port of a service. It is open for as long as there is a ready endpoint: without one the kernel
 * refuses clients, as kube-proxy does. Each connection goes to an endpoint of its own, chosen at random, and stays
 * there, whatever becomes of the endpoints.
 */
export class ServicePort {
  readonly #name: string
  readonly #listen: Target
  readonly #onError: (error: Error) => void
  readonly #connections: Set<Socket>
  #targets: readonly Target[] = []
  #server: Server | undefined
  #retry: NodeJS.Timeout | undefined
  #complained = false

  /** @param connections where it keeps the clients that it has, also after it was closed */
  constructor({ name, listen }: Route, connections: Set<Socket>, onError: (error: Error) => void) {
    this.#name = name
    this.#listen = listen
    this.#connections = connections
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
    this.#connections.add(client)
    client.on('close', () => this.#connections.delete(client))
    relay(client, target)
  }
}

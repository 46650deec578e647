import { type LookupOptions, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Client, type Dispatcher } from 'undici'

/** How TLS connections are made, as Node.js names it. Certificates and keys are PEM. */
export interface TlsOptions {
  /** Who may have signed the server's certificate; absent: whoever Node.js trusts. */
  ca?: string
  /** The users' own certificate, with its key. */
  cert?: string
  key?: string
  passphrase?: string
  /** The name that the certificate must be for, where it is not that of the URL. */
  servername?: string
  /** `false`: any certificate is accepted. @default true */
  rejectUnauthorized?: boolean
}

export interface ConnectionPolicy {
  origin: string
  /** What is connected to in the place of the origin's host, which stays in the header and in TLS: curl's `--resolve`. */
  address: string | undefined
  keepAlive: boolean
  tls: TlsOptions
}

/**
 * The connections of one stream of users: each carries one request at a time, so that no request waits behind another.
 *
 * With keep-alive, a connection that ended a request well is used again; without, each request opens its own, as users
 * who come once do.
 */
export class Connections {
  readonly #policy: ConnectionPolicy
  readonly #idle: Connection[] = []
  readonly #closing = new Set<Promise<void>>()

  constructor(policy: ConnectionPolicy) {
    this.#policy = policy
  }

  take(): Connection {
    return this.#idle.pop() ?? new Connection(this.#policy)
  }

  /** Gives a connection back after its request. `reusable`: the answer was complete. */
  release(connection: Connection, reusable: boolean): void {
    if (reusable && this.#policy.keepAlive) this.#idle.push(connection)
    else this.#close(connection)
  }

  /** Closes the idle ones; resolves when all that were ever given back are closed. */
  async close(): Promise<void> {
    for (const connection of this.#idle.splice(0)) this.#close(connection)
    await Promise.all(this.#closing)
  }

  #close(connection: Connection): void {
    const closed = connection.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}

export class Connection {
  readonly #client: Client
  readonly #closed = new AbortController()

  constructor({ origin, address, tls }: ConnectionPolicy) {
    // The users' patience is the only limit of time: each request has one timer, from its sending to its end.
    this.#client = new Client(origin, {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { ...tls, ...(address === undefined ? {} : lookUp(address)), timeout: 0, signal: this.#closed.signal },
    })
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler)
  }

  /** Ends what is going on, be it still connecting, and closes the connection. */
  async close(): Promise<void> {
    const closed = this.#client.destroy()
    this.#closed.abort()
    await closed
  }
}

/** Whatever the host is, it is found at that address. */
function lookUp(address: string): { lookup: LookupFunction } {
  return { lookup: (_host, options: LookupOptions, found) => lookup(address, options, found) }
}

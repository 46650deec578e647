import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type Clock, systemClock } from '../../support/clock.ts'
import type { ApiAccess } from '../client/access.ts'
import { closeAtOnce, listen } from '../http/listening.ts'
import { bootstrap } from './bootstrap.ts'
import { expireEvents } from './event-expiry.ts'
import { ApiFaults } from './http/faults.ts'
import { guardFor } from './http/guard.ts'
import { requestHandler } from './http/handler.ts'
import { refuseUnreadable } from './http/unreadable.ts'
import { upgradeHandler } from './http/upgrade.ts'
import { Store } from './store/store.ts'
import { createCertificate } from './tls/certificate.ts'

export interface ApiServerOptions {
  /** The loopback address to listen on. */
  host: string
  /** The port to listen on; 0: any that is free. */
  port: number
  /** The first three octets of the addresses of services, as in `198.18.67`. */
  serviceRange: string
  /** The bearer token that every request must have; absent: a random one. */
  token?: string
  clock?: Clock
  /** How long pods that do not say so tolerate that their node is lost, in seconds (300, as Kubernetes). */
  podsEvictedAfterSeconds?: number
  /** How often a watch that takes bookmarks gets one, in milliseconds (15,000). */
  bookmarkIntervalMs?: number
}

/** The `tolerationSeconds` that Kubernetes' DefaultTolerationSeconds admission gives to pods. */
const defaultPodsEvictedAfterSeconds = 300

/** Clients give up a watch on which nothing came for 30 s. */
const defaultBookmarkIntervalMs = 15_000

/** A running API server. */
export interface ApiServer {
  access: ApiAccess
  /** Ends it, with every request and watch that is still open. */
  close(): Promise<void>
}

/**
 * Starts the Kubernetes API of a lab: HTTPS with a certificate of its own, everything kept in memory.
 * @throws the listener's error, as `EADDRINUSE` when the address is taken
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const {
    host,
    serviceRange,
    token = randomBytes(32).toString('base64url'),
    clock = systemClock,
    podsEvictedAfterSeconds = defaultPodsEvictedAfterSeconds,
    bookmarkIntervalMs = defaultBookmarkIntervalMs,
  } = options
  const { cert, key } = createCertificate(host)
  const server = createServer({ cert, key, keepAliveTimeout: 60_000 })
  const port = await listen(server, host, options.port)
  const cluster = { store: new Store(), clock, serviceRange, token, podsEvictedAfterSeconds, bookmarkIntervalMs }
  bootstrap(cluster, port)
  const stopExpiry = expireEvents(cluster)
  const address = `${host}:${port}`
  const guard = guardFor(address, token)
  const upgraded = new Set<Duplex>()
  server.on('request', requestHandler({ cluster, guard, faults: new ApiFaults(cluster), host: address }))
  server.on('clientError', refuseUnreadable)
  server.on('upgrade', upgradeHandler({ cluster, guard }, upgraded))
  return {
    access: { server: `https://${address}`, token, ca: cert },
    close: () => {
      stopExpiry()
      for (const socket of upgraded) socket.destroy()
      return closeAtOnce(server)
    },
  }
}

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { bearerCheck } from '../http/bearer.ts'
import { answerAndHangUp } from '../http/hang-up.ts'

/** A request to be upgraded. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  /** What its path names, after the kind of the request. */
  segments: readonly string[]
  query: URLSearchParams
}

/** Takes an upgrade over; when it rejects, the connection is dropped. */
export type UpgradeHandler = (upgrade: Upgrade) => Promise<void>

/**
 * Has requests for an upgrade answered, by the first segment of their path.
 *
 * @param token whoever asks must bear it
 * @returns ends every connection that was upgraded
 */
export function serveUpgrades(
  server: Server,
  token: string,
  handlers: Readonly<Record<string, UpgradeHandler>>,
): () => void {
  const isAuthorized = bearerCheck(token)
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (!isAuthorized(request)) answerAndHangUp(socket, 401, 'Unauthorized')
    else dispatch({ request, socket, head }, handlers).catch(() => socket.destroy())
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

async function dispatch(
  { request, socket, head }: Pick<Upgrade, 'head' | 'request' | 'socket'>,
  handlers: Readonly<Record<string, UpgradeHandler>>,
): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://kubelet')
  const [, kind = '', ...segments] = pathname.split('/').map(decodeURIComponent)
  const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined
  if (handler) await handler({ request, socket, head, segments, query })
  else refuseProtocol({ request, socket })
}

/** Says that nothing is served there in a protocol that the caller speaks. */
export function refuseProtocol({ request, socket }: Pick<Upgrade, 'request' | 'socket'>): void {
  const path = request.url?.split('?')[0]
  answerAndHangUp(socket, 400, `the kubelet of the lab does not serve ${path} by the protocols asked for`)
}

/** The protocols that a caller offers to speak after the upgrade. */
export function offeredProtocols({ request: { headers } }: Upgrade): {
  upgrade: string | undefined
  protocols: string[]
} {
  const upgrade = headers.upgrade?.toLowerCase()
  const offered = headers[upgrade === 'websocket' ? 'sec-websocket-protocol' : 'x-stream-protocol-version']
  const protocols = String(offered ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
  return { upgrade, protocols }
}

import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Upgrade } from './upgrades.ts'

/** The protocols of channels, the best first: a message is a byte that names its channel, and what is sent on it. */
export const channelProtocols: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** Since v5: the next byte names the channel that is closed. */
export const closeChannel = 255
export const normalClosure = 1000

/**
 * Upgrades to WebSocket, with the first of the protocols that the caller offers.
 *
 * @param open told of the connection before anything can have come by it; resolves with what it returns
 */
export function acceptWebSocket<Opened>(
  { request, socket, head }: Upgrade,
  protocols: readonly string[],
  open: (connection: WebSocket) => Opened,
): Promise<Opened> {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  return new Promise((resolve) =>
    server.handleUpgrade(request, socket, head, (connection) => resolve(open(connection))),
  )
}

/** Resolves when the message may be followed by more. */
export function sendOn(connection: WebSocket, channel: number, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => connection.send(Buffer.concat([Buffer.of(channel), chunk]), () => resolve()))
}

export function bytesOf(message: RawData): Buffer {
  if (Array.isArray(message)) return Buffer.concat(message)
  return Buffer.isBuffer(message) ? message : Buffer.from(message)
}

import type { RawData, WebSocket } from 'ws'
import type { Upgrade } from '../upgrades.ts'
import { acceptWebSocket, bytesOf, channelProtocols, closeChannel, normalClosure, sendOn } from '../websocket.ts'
import { type ForwardTarget, forward } from './forward.ts'

/**
 * Serves a caller that came by WebSocket (the client libraries), until the pod has said all: one connection for each port
 * that it names, with a channel for data and one for an error. Either begins with the port, as two bytes.
 */
export async function forwardByChannels(
  upgrade: Upgrade,
  target: ForwardTarget,
  ports: readonly number[],
): Promise<void> {
  await acceptWebSocket(upgrade, channelProtocols, (connection) => forwardAll(connection, ports, target))
}

async function forwardAll(connection: WebSocket, ports: readonly number[], target: ForwardTarget): Promise<void> {
  const gone = new AbortController()
  const handlers: ((chunk: Buffer | undefined) => void)[] = []
  connection.on('error', () => {})
  connection.on('close', () => gone.abort())
  connection.on('message', (message: RawData) => {
    const bytes = bytesOf(message)
    const [channel = 0, closed = 0] = bytes
    if (channel === closeChannel) handlers[closed / 2]?.(undefined)
    else handlers[channel / 2]?.(bytes.subarray(1))
  })
  const forwarding = ports.map((port, index) => {
    const [data, error] = [2 * index, 2 * index + 1]
    const begin = Buffer.alloc(2)
    begin.writeUInt16LE(port)
    for (const channel of [data, error]) void sendOn(connection, channel, begin)
    const wanted = {
      port,
      onData(handler: (chunk: Buffer | undefined) => void) {
        handlers[index] = handler
      },
      send: (chunk: Buffer) => sendOn(connection, data, chunk),
      fail: (message: string) => sendOn(connection, error, Buffer.from(message)),
      end: () => {},
      gone: gone.signal,
    }
    return forward(wanted, target)
  })
  await Promise.all(forwarding)
  connection.close(normalClosure)
}

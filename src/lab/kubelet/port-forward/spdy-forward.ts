import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import { messageOf } from '../../../support/errors.ts'
import { acceptSpdy, type SpdyStream, serveSpdy } from '../spdy/connection.ts'
import type { Upgrade } from '../upgrades.ts'
import { acceptWebSocket } from '../websocket.ts'
import { type ForwardTarget, forward, portOf } from './forward.ts'

/** How ports are forwarded over SPDY: for each connection, the caller opens a stream of data and one for an error. */
export const spdyForwarding = 'portforward.k8s.io'
/** The same in the messages of a WebSocket, which get through where SPDY does not. */
export const tunnelledForwarding = `SPDY/3.1+${spdyForwarding}`

/** Serves a caller that came by SPDY/3.1 (kubectl before 1.31), until it hangs up. */
export function forwardBySpdy({ socket, head }: Upgrade, target: ForwardTarget): Promise<void> {
  acceptSpdy(socket, spdyForwarding)
  return serveForwards(socket, head, target)
}

/** Serves a caller that tunnels SPDY/3.1 through a WebSocket (kubectl since 1.31), until it hangs up. */
export async function forwardByTunnel(upgrade: Upgrade, target: ForwardTarget): Promise<void> {
  await acceptWebSocket(upgrade, [tunnelledForwarding], (connection) =>
    serveForwards(createWebSocketStream(connection), Buffer.alloc(0), target),
  )
}

async function serveForwards(socket: Duplex, head: Buffer, target: ForwardTarget): Promise<void> {
  const gone = new AbortController()
  /** The first stream of those connections whose second has not come. */
  const waiting = new Map<string, SpdyStream>()
  await serveSpdy(socket, head, (stream) => {
    const { requestid: request = '' } = stream.headers
    const first = waiting.get(request)
    waiting.delete(request)
    if (!first) waiting.set(request, stream)
    else if (stream.headers.streamtype === 'data') void forwardPair({ data: stream, error: first }, target, gone.signal)
    else void forwardPair({ data: first, error: stream }, target, gone.signal)
  })
  gone.abort()
}

interface StreamPair {
  data: SpdyStream
  error: SpdyStream
}

async function forwardPair({ data, error }: StreamPair, target: ForwardTarget, gone: AbortSignal): Promise<void> {
  const fail = (message: string) => error.send(Buffer.from(message))
  const end = () => {
    data.end()
    error.end()
  }
  try {
    const port = portOf(data.headers.port ?? '')
    await forward(
      { port, onData: (handler) => data.onData(handler), send: (chunk) => data.send(chunk), fail, end, gone },
      target,
    )
  } catch (problem) {
    await fail(messageOf(problem))
    end()
  }
}

import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { ExecChannels, OpenChannels } from './channels.ts'

/** The protocols, the best first: a message is a byte that names its channel, and what is sent on it. */
export const websocketProtocols: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

const channelOf = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const
/** Since v5: the next byte names the channel that is closed. */
const closeChannel = 255
const normalClosure = 1000

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => websocketProtocols.find((protocol) => offered.has(protocol)) ?? false,
})

/** Opens the channels of a caller that came by WebSocket. */
export const openWebsocketChannels: OpenChannels = ({ request, socket, head }) =>
  new Promise((resolve) => server.handleUpgrade(request, socket, head, (connection) => resolve(channelsOf(connection))))

function channelsOf(connection: WebSocket): ExecChannels {
  const gone = new AbortController()
  const early: (Buffer | undefined)[] = []
  let onStdin = (chunk: Buffer | undefined): void => void early.push(chunk)
  connection.on('error', () => {})
  connection.on('close', () => gone.abort())
  connection.on('message', (message: RawData) => {
    const bytes = bytesOf(message)
    if (bytes[0] === channelOf.stdin) onStdin(bytes.subarray(1))
    else if (bytes[0] === closeChannel && bytes[1] === channelOf.stdin) onStdin(undefined)
  })
  const send = (channel: number, chunk: Buffer) =>
    new Promise<void>((resolve) => connection.send(Buffer.concat([Buffer.of(channel), chunk]), () => resolve()))
  return {
    gone: gone.signal,
    onStdin(handler) {
      onStdin = handler
      for (const chunk of early.splice(0)) handler(chunk)
    },
    send: (stream, chunk) => send(channelOf[stream], chunk),
    async finish(status) {
      await send(channelOf.status, Buffer.from(JSON.stringify(status)))
      connection.close(normalClosure)
    },
  }
}

function bytesOf(message: RawData): Buffer {
  if (Array.isArray(message)) return Buffer.concat(message)
  return Buffer.isBuffer(message) ? message : Buffer.from(message)
}

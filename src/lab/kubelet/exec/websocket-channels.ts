import type { RawData, WebSocket } from 'ws'
import { acceptWebSocket, bytesOf, channelProtocols, closeChannel, normalClosure, sendOn } from '../websocket.ts'
import type { ExecChannels, OpenChannels } from './channels.ts'

const channelOf = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const

/** Opens the channels of a caller that came by WebSocket. */
export const openWebsocketChannels: OpenChannels = (upgrade) => acceptWebSocket(upgrade, channelProtocols, channelsOf)

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
  return {
    gone: gone.signal,
    onStdin(handler) {
      onStdin = handler
      for (const chunk of early.splice(0)) handler(chunk)
    },
    send: (stream, chunk) => sendOn(connection, channelOf[stream], chunk),
    async finish(status) {
      await sendOn(connection, channelOf.status, Buffer.from(JSON.stringify(status)))
      connection.close(normalClosure)
    },
  }
}

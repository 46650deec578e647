import { acceptSpdy, type SpdyStream, serveSpdy } from '../spdy/connection.ts'
import type { OpenChannels, WantedStreams } from './channels.ts'

/** How commands are run over SPDY; older ones do not tell exit codes. */
export const spdyProtocol = 'v4.channel.k8s.io'
const streamLimitMs = 30_000

/** Opens the channels of a caller that came by SPDY/3.1: it opens a stream for each. */
export const openSpdyChannels: OpenChannels = async ({ socket, head }, wanted) => {
  const streams = new Map<string, SpdyStream>()
  const gone = new AbortController()
  const all = Promise.withResolvers<void>()
  const names = namesOf(wanted)
  const timer = setTimeout(() => socket.destroy(), streamLimitMs)
  acceptSpdy(socket, spdyProtocol)
  const serving = serveSpdy(socket, head, (stream) => {
    streams.set(stream.headers.streamtype ?? '', stream)
    if (names.every((name) => streams.has(name))) all.resolve()
  })
  void serving.then(() => {
    gone.abort()
    all.resolve()
  })
  await all.promise
  clearTimeout(timer)
  return {
    gone: gone.signal,
    onStdin: (handler) => streams.get('stdin')?.onData(handler),
    send: async (stream, chunk) => streams.get(stream)?.send(chunk),
    async finish(status) {
      await streams.get('error')?.send(Buffer.from(JSON.stringify(status)))
      for (const stream of streams.values()) stream.end()
      // The caller hangs up when it has read all; one that does not is not waited for.
      const timer = setTimeout(() => socket.destroy(), streamLimitMs)
      await serving
      clearTimeout(timer)
    },
  }
}

/** The streams that a caller opens. That of a terminal's size it may leave out. */
function namesOf({ stdin, stdout, stderr, tty }: WantedStreams): string[] {
  return ['error', ...(stdin ? ['stdin'] : []), ...(stdout ? ['stdout'] : []), ...(stderr && !tty ? ['stderr'] : [])]
}

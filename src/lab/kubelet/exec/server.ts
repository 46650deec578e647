import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../../support/errors.ts'
import { bearerCheck } from '../../http/bearer.ts'
import { answerAndHangUp } from '../../http/hang-up.ts'
import type { OpenedProgram } from '../launcher.ts'
import type { OpenChannels, Upgrade, WantedStreams } from './channels.ts'
import { runForCaller } from './command.ts'
import { openSpdyChannels, spdyProtocol } from './spdy-channels.ts'
import { openWebsocketChannels, websocketProtocols } from './websocket-channels.ts'

/** A command to be run in a container. */
export interface ExecCommand {
  namespace: string
  pod: string
  container: string
  command: readonly string[]
  tty: boolean
}

export interface ExecServerOptions {
  /** Whoever asks must bear it. */
  token: string
  /** Starts a command. @throws with what a person reads when it cannot be */
  open(command: ExecCommand): OpenedProgram
  /** @throws with what a person reads when there is no such container, or it does not run */
  check(command: ExecCommand): void
}

/**
 * Serves `/exec/<namespace>/<pod>/<container>?command=…`, as the kubelet of Kubernetes does, to the API server: over
 * WebSocket (kubectl since 1.31, the client libraries) and SPDY/3.1 (kubectl before).
 *
 * @returns ends every command that runs
 */
export function serveExec(server: Server, options: ExecServerOptions): () => void {
  const isAuthorized = bearerCheck(options.token)
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (!isAuthorized(request)) answerAndHangUp(socket, 401, 'Unauthorized')
    else answer({ request, socket, head }, options).catch(() => socket.destroy())
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

async function answer(upgrade: Upgrade, options: ExecServerOptions): Promise<void> {
  const { pathname, searchParams } = new URL(upgrade.request.url ?? '/', 'http://kubelet')
  const [, root, namespace = '', pod = '', container = ''] = pathname.split('/').map(decodeURIComponent)
  const openChannels = root === 'exec' ? protocolOf(upgrade.request) : undefined
  if (!openChannels) {
    answerAndHangUp(upgrade.socket, 400, `the kubelet of the lab does not serve ${pathname} by the protocols asked for`)
    return
  }
  const wanted = wantedStreams(searchParams)
  const command = { namespace, pod, container, command: searchParams.getAll('command'), tty: wanted.tty }
  try {
    options.check(command)
  } catch (error) {
    answerAndHangUp(upgrade.socket, 500, messageOf(error))
    return
  }
  await runForCaller(() => options.open(command), await openChannels(upgrade, wanted), wanted)
}

function protocolOf({ headers }: IncomingMessage): OpenChannels | undefined {
  const offers = (name: string) =>
    String(headers[name] ?? '')
      .split(',')
      .map((offer) => offer.trim())
  switch (headers.upgrade?.toLowerCase()) {
    case 'websocket':
      return offers('sec-websocket-protocol').some((offer) => websocketProtocols.includes(offer))
        ? openWebsocketChannels
        : undefined
    case 'spdy/3.1':
      return offers('x-stream-protocol-version').includes(spdyProtocol) ? openSpdyChannels : undefined
    default:
      return undefined
  }
}

function wantedStreams(query: URLSearchParams): WantedStreams {
  const wants = (name: string) => ['true', '1'].includes(query.get(name) ?? '')
  return { stdin: wants('stdin'), stdout: wants('stdout'), stderr: wants('stderr'), tty: wants('tty') }
}

import { messageOf } from '../../../support/errors.ts'
import { answerAndHangUp } from '../../http/hang-up.ts'
import type { OpenedProgram } from '../launcher.ts'
import { offeredProtocols, refuseProtocol, type Upgrade, type UpgradeHandler } from '../upgrades.ts'
import { channelProtocols } from '../websocket.ts'
import type { OpenChannels, WantedStreams } from './channels.ts'
import { runForCaller } from './command.ts'
import { openSpdyChannels, spdyProtocol } from './spdy-channels.ts'
import { openWebsocketChannels } from './websocket-channels.ts'

/** A command to be run in a container. */
export interface ExecCommand {
  namespace: string
  pod: string
  container: string
  command: readonly string[]
  tty: boolean
}

export interface ExecOptions {
  /** Starts a command. @throws with what a person reads when it cannot be */
  open(command: ExecCommand): OpenedProgram
  /** @throws with what a person reads when there is no such container, or it does not run */
  check(command: ExecCommand): void
}

/**
 * Runs commands: `/exec/<namespace>/<pod>/<container>?command=…`, as the kubelet of Kubernetes does, for the API server:
 * over WebSocket (kubectl since 1.31, the client libraries) and SPDY/3.1 (kubectl before).
 */
export function execHandler(options: ExecOptions): UpgradeHandler {
  return async (upgrade) => {
    const openChannels = protocolOf(upgrade)
    if (!openChannels) return refuseProtocol(upgrade)
    const { segments, query } = upgrade
    const [namespace = '', pod = '', container = ''] = segments
    const wanted = wantedStreams(query)
    const command = { namespace, pod, container, command: query.getAll('command'), tty: wanted.tty }
    try {
      options.check(command)
    } catch (error) {
      return answerAndHangUp(upgrade.socket, 500, messageOf(error))
    }
    await runForCaller(() => options.open(command), await openChannels(upgrade, wanted), wanted)
  }
}

function protocolOf(upgrade: Upgrade): OpenChannels | undefined {
  const { upgrade: to, protocols } = offeredProtocols(upgrade)
  if (to === 'websocket' && protocols.some((offer) => channelProtocols.includes(offer))) return openWebsocketChannels
  if (to === 'spdy/3.1' && protocols.includes(spdyProtocol)) return openSpdyChannels
  return undefined
}

function wantedStreams(query: URLSearchParams): WantedStreams {
  const wants = (name: string) => ['true', '1'].includes(query.get(name) ?? '')
  return { stdin: wants('stdin'), stdout: wants('stdout'), stderr: wants('stderr'), tty: wants('tty') }
}

import { messageOf } from '../../../support/errors.ts'
import { answerAndHangUp } from '../../http/hang-up.ts'
import { offeredProtocols, refuseProtocol, type Upgrade, type UpgradeHandler } from '../upgrades.ts'
import { channelProtocols } from '../websocket.ts'
import { type ForwardTarget, portOf } from './forward.ts'
import { forwardBySpdy, forwardByTunnel, spdyForwarding, tunnelledForwarding } from './spdy-forward.ts'
import { forwardByChannels } from './websocket-forward.ts'

export interface PortForwardOptions {
  /** @throws with what a person reads when the pod does not run here */
  find(pod: { namespace: string; pod: string }): ForwardTarget
}

/**
 * Forwards ports: `/portForward/<namespace>/<pod>`, as the kubelet of Kubernetes does, for the API server: over SPDY/3.1
 * (kubectl), bare or through a WebSocket, and in the channels of a WebSocket (the client libraries).
 */
export function portForwardHandler({ find }: PortForwardOptions): UpgradeHandler {
  return async (upgrade) => {
    const [namespace = '', pod = ''] = upgrade.segments
    const serve = protocolOf(upgrade)
    if (!serve) return refuseProtocol(upgrade)
    let target: ForwardTarget
    let ports: number[]
    try {
      target = find({ namespace, pod })
      ports = upgrade.query.getAll('ports').flatMap((text) => text.split(',').map(portOf))
    } catch (error) {
      return answerAndHangUp(upgrade.socket, 500, messageOf(error))
    }
    await serve(upgrade, target, ports)
  }
}

type Serve = (upgrade: Upgrade, target: ForwardTarget, ports: readonly number[]) => Promise<void>

function protocolOf(upgrade: Upgrade): Serve | undefined {
  const { upgrade: to, protocols } = offeredProtocols(upgrade)
  if (to === 'spdy/3.1' && protocols.includes(spdyForwarding)) return forwardBySpdy
  if (to !== 'websocket') return undefined
  if (protocols.includes(tunnelledForwarding)) return forwardByTunnel
  return protocols.some((offer) => channelProtocols.includes(offer)) ? forwardByChannels : undefined
}

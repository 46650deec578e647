import { connect, type Socket } from 'node:net'
import type { Target } from './routes.ts'

/**
 * Joins a client to a target, byte for byte: an end of one direction is passed on while the other goes on, and an error
 * of one side resets the other.
 *
 * When the target cannot be reached the client is reset. (kube-proxy's client would be refused by the target itself:
 * here its connection had been accepted before the target was tried.)
 *
 * @param client a socket with `allowHalfOpen`
 */
export function relay(client: Socket, target: Target): void {
  const upstream = connect({ ...target, ...callerOf(client), allowHalfOpen: true, noDelay: true })
  pass(client, upstream)
  pass(upstream, client)
}

function pass(from: Socket, to: Socket): void {
  from.pipe(to)
  from.on('error', () => to.resetAndDestroy())
  // What ends without an error has said all that it had to; what closes without an end was destroyed by us.
  from.on('close', () => {
    if (!from.readableEnded) to.resetAndDestroy()
  })
}

/** The target sees who calls, as it does behind kube-proxy: the address of a pod, not that of the proxy. */
function callerOf({ remoteAddress = '' }: Socket): { localAddress?: string } {
  return remoteAddress.startsWith('127.18.') ? { localAddress: remoteAddress } : {}
}

import { connect } from 'node:net'
import { messageOf } from '../../../support/errors.ts'
import { loopbackAddress } from '../../addresses.ts'

/** The pod that ports are forwarded to. */
export interface ForwardTarget {
  name: string
  uid: string
  /** Its address as the API shows it. */
  podIP: string
}

/** One connection that a caller wants to have with a port of a pod, whatever the protocol it came by. */
export interface WantedConnection {
  port: number
  /** Told of what the caller sends, and (undefined) that nothing follows. */
  onData(handler: (chunk: Buffer | undefined) => void): void
  /** Resolves when it may be followed by more. */
  send(chunk: Buffer): Promise<void>
  /** Says what went wrong. */
  fail(message: string): Promise<void>
  /** Says that nothing follows. */
  end(): void
  /** Aborts when the caller is gone. */
  readonly gone: AbortSignal
}

/** Connects a caller with a port of a pod. Resolves when the pod has said all, or cannot be reached. Never rejects. */
export async function forward(wanted: WantedConnection, { name, uid, podIP }: ForwardTarget): Promise<void> {
  const { port, gone } = wanted
  const socket = connect({ host: loopbackAddress(podIP), port, allowHalfOpen: true, noDelay: true })
  // Also what goes wrong while nothing is read from it, as a write to a pod that has hung up.
  socket.on('error', () => {})
  const abandon = () => socket.destroy()
  gone.addEventListener('abort', abandon)
  wanted.onData((chunk) => {
    if (chunk === undefined) socket.end()
    else if (socket.writable) socket.write(chunk)
  })
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) await wanted.send(chunk)
  } catch (error) {
    const message = `error forwarding port ${port} to pod ${name}, uid ${uid}: ${messageOf(error)}`
    if (!gone.aborted) await wanted.fail(message)
  } finally {
    gone.removeEventListener('abort', abandon)
    socket.destroy()
    wanted.end()
  }
}

/** @throws with what a person reads when it is no port */
export function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new Error(`unable to parse ${JSON.stringify(text)} as a port`)
  return port
}

import { connect as connectTcp } from 'node:net'

/** What came of a TCP connection: `refused` is an answer, too. */
export type Reachability = 'connected' | 'refused' | 'unreachable'

const connectTimeoutMs = 1500

/** Whether something takes TCP connections at an address. */
export function reach(host: string, port: number, signal: AbortSignal): Promise<Reachability> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, timeout: connectTimeoutMs })
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      settle()
    }
    const abort = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', abort)
    socket.once('connect', () => end(() => resolve('connected')))
    socket.once('timeout', () => end(() => resolve('unreachable')))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(() => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable')),
    )
    if (signal.aborted) abort()
  })
}

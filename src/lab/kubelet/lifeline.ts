import { createServer, type Socket } from 'node:net'
import { listen } from '../http/listening.ts'

/**
 * A port that every Node process of a pod, however deep, keeps a connection to (see `network/hook.mjs`): it ends when
 * this process does, and they end with it.
 */
export interface Lifeline {
  /** `address:port` */
  address: string
  close(): void
}

/** @throws the listener's error when the address cannot be bound */
export async function openLifeline(host: string): Promise<Lifeline> {
  const held = new Set<Socket>()
  const server = createServer((socket) => {
    held.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => held.delete(socket))
    socket.unref()
  })
  server.unref()
  const port = await listen(server, host, 0)
  return {
    address: `${host}:${port}`,
    close: () => {
      server.close()
      for (const socket of held) socket.destroy()
    },
  }
}

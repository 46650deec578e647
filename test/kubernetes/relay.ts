import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** An HTTP proxy that tunnels, and that can be cut: no network is as bad as the one to be prepared for. */
export interface Relay {
  url: string
  /** Ends all connections, and refuses new ones. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Lets nothing through any more, without a word. */
  hush(): void
}

export async function startRelay(): Promise<Relay> {
  const sockets = new Set<Socket>()
  let hushed = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const server = createServer()
  server.on('connection', keep)
  server.on('connect', ({ url }, near) => {
    const { hostname, port } = new URL(`tcp://${url}`)
    const far = connect(Number(port), hostname)
    keep(far)
    far.once('connect', () => {
      if (hushed) return
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(near).pipe(far)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async cut() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async mend() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    hush() {
      hushed = true
      for (const socket of sockets) socket.unpipe().pause()
    },
  }
}

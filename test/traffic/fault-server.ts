import { createServer, type Server, type Socket } from 'node:net'
import { listenOnLoopback } from './loopback.ts'

/** What the server does with one request. */
export type Fault = keyof typeof faults

export type CertainFault = Exclude<Fault, 'ok, and closes without a word'>

const body = 'hello'
const answer = (status: string, headers = '') =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`

const faults = {
  ok: (socket: Socket) => socket.write(answer('200 OK')),
  'ok after early hints': (socket: Socket) =>
    socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n${answer('200 OK')}`),
  'ok in chunks': (socket: Socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
  'ok after 100 ms': (socket: Socket) => setTimeout(() => socket.write(answer('200 OK')), 100),
  'ok, and closes without a word': (socket: Socket) => socket.end(answer('200 OK')),
  'ok, and says that it closes': (socket: Socket) => socket.end(answer('200 OK', 'connection: close\r\n')),
  redirect: (socket: Socket) => socket.write(answer('302 Found', 'location: /elsewhere\r\n')),
  'not found': (socket: Socket) => socket.write(answer('404 Not Found')),
  'server error': (socket: Socket) => socket.write(answer('500 Internal Server Error')),
  unavailable: (socket: Socket) => socket.write(answer('503 Service Unavailable')),
  'resets after the request': (socket: Socket) => socket.resetAndDestroy(),
  'closes after the request': (socket: Socket) => socket.end(),
  'closes in the headers': (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
  'closes in the body': (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'),
  'closes in a chunked body': (socket: Socket) =>
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  'closes in the last chunk, as it said': (socket: Socket) =>
    socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  'resets in the body': (socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello', () => socket.resetAndDestroy())
  },
  'sends garbage': (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  'sends headers without end': (socket: Socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(64 * 1024)}\r\n`),
  hangs: () => {},
  'hangs in the body': (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'),
  'answers byte by byte': (socket: Socket) => {
    const drip = setInterval(() => socket.write('x'), 50)
    socket.once('close', () => clearInterval(drip))
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
  },
} as const

/**
 * The one outcome of a request that meets the fault. (A connection that is closed without a word after an answer is the
 * matter of the request after it, which may or may not come too late.)
 */
export const outcomeOf: Record<CertainFault, string> = {
  ok: '2xx',
  'ok after early hints': '2xx',
  'ok in chunks': '2xx',
  'ok after 100 ms': '2xx',
  'ok, and says that it closes': '2xx',
  redirect: '3xx',
  'not found': '4xx',
  'server error': '5xx',
  unavailable: '5xx',
  'resets after the request': 'reset',
  'closes after the request': 'reset',
  'closes in the headers': 'reset',
  'closes in the body': 'reset',
  'closes in a chunked body': 'reset',
  'closes in the last chunk, as it said': 'reset',
  'resets in the body': 'reset',
  'sends garbage': 'invalid-response',
  'sends headers without end': 'invalid-response',
  hangs: 'timeout',
  'hangs in the body': 'timeout',
  'answers byte by byte': 'timeout',
}

export const allFaults = Object.keys(outcomeOf) as CertainFault[]

/** How many requests a script ends in each outcome, when it is played from its beginning. */
export function outcomesOf(script: readonly CertainFault[]): Record<string, number> {
  const outcomes: Record<string, number> = {}
  for (const fault of script) outcomes[outcomeOf[fault]] = (outcomes[outcomeOf[fault]] ?? 0) + 1
  return outcomes
}

/** A server on raw sockets, that meets its nth request with the nth fault of its script, over and over. */
export class FaultServer implements AsyncDisposable {
  /** The heads of the requests that came. */
  readonly requests: string[] = []
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0

  private constructor(script: readonly Fault[]) {
    this.#server = createServer((socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      let received = ''
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        if (socket.writableEnded) return
        received += chunk.toString('latin1')
        for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
          const fault = script[this.requests.length % script.length] ?? 'ok'
          this.requests.push(received.slice(0, end))
          received = received.slice(end + 4)
          faults[fault](socket)
        }
      })
    })
  }

  static async start(script: readonly Fault[] = ['ok']): Promise<FaultServer> {
    const server = new FaultServer(script)
    server.#port = await listenOnLoopback(server.#server)
    return server
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}/`)
  }

  /** How many connections are open. */
  get open(): number {
    return this.#sockets.size
  }

  /** As when its process is killed: no listener, and every connection reset. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }
}

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
  'ok byte by byte': (socket: Socket) => {
    const bytes = [...answer('200 OK')]
    const next = () => bytes.length > 0 && socket.write(bytes.shift() ?? '', next)
    next()
  },
  'ok until it closes': (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'),
  'ok, and more than it said': (socket: Socket) => socket.write(`${answer('200 OK')}and more`),
  'ok, without a body': (socket: Socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  'ok after 100 ms': (socket: Socket) => setTimeout(() => socket.write(answer('200 OK')), 100),
  'ok, and closes without a word': (socket: Socket) => socket.end(answer('200 OK')),
  'ok, and says that it closes': (socket: Socket) => socket.end(answer('200 OK', 'connection: close\r\n')),
  redirect: (socket: Socket) => socket.write(answer('302 Found', 'location: /elsewhere\r\n')),
  'not found': (socket: Socket) => socket.write(answer('404 Not Found')),
  'server error': (socket: Socket) => socket.write(answer('500 Internal Server Error')),
  'bad gateway': (socket: Socket) => socket.write(answer('502 Bad Gateway')),
  unavailable: (socket: Socket) => socket.write(answer('503 Service Unavailable', 'x-pod: web-2\r\n')),
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
  'sends a status of 700': (socket: Socket) => socket.write(answer('700 Whatever')),
  'says two lengths': (socket: Socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'),
  'sends a chunk of no size': (socket: Socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfive\r\nhello\r\n'),
  'switches protocols': (socket: Socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tea\r\n\r\n'),
  'asks to continue': (socket: Socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${answer('200 OK')}`),
  'sends headers without end': (socket: Socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(64 * 1024)}\r\n`),
  hangs: () => {},
  'hangs after early hints': (socket: Socket) => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'),
  'hangs in the headers': (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le'),
  'hangs in the body': (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'),
  'answers byte by byte': (socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
    const drip = setInterval(() => socket.write('x'), 50)
    socket.once('close', () => clearInterval(drip))
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
  'ok byte by byte': '2xx',
  'ok until it closes': '2xx',
  'ok, and more than it said': '2xx',
  'ok, without a body': '2xx',
  'ok after 100 ms': '2xx',
  'ok, and says that it closes': '2xx',
  redirect: '3xx',
  'not found': '4xx',
  'server error': '5xx',
  'bad gateway': '5xx',
  unavailable: '5xx',
  'resets after the request': 'reset',
  'closes after the request': 'reset',
  'closes in the headers': 'reset',
  'closes in the body': 'reset',
  'closes in a chunked body': 'reset',
  'closes in the last chunk, as it said': 'reset',
  'resets in the body': 'reset',
  'sends garbage': 'invalid-response',
  'sends a status of 700': 'invalid-response',
  'says two lengths': 'invalid-response',
  'sends a chunk of no size': 'invalid-response',
  'switches protocols': 'invalid-response',
  'asks to continue': 'invalid-response',
  'sends headers without end': 'invalid-response',
  hangs: 'timeout-wait',
  'hangs after early hints': 'timeout-wait',
  'hangs in the headers': 'timeout-wait',
  'hangs in the body': 'timeout-read',
  'answers byte by byte': 'timeout-read',
}

export const allFaults = Object.keys(outcomeOf) as CertainFault[]

/** How many requests a script ends in each outcome, when it is played from its beginning. */
export function outcomesOf(script: readonly CertainFault[]): Record<string, number> {
  const outcomes: Record<string, number> = {}
  for (const fault of script) outcomes[outcomeOf[fault]] = (outcomes[outcomeOf[fault]] ?? 0) + 1
  return outcomes
}

/** How long to poll for what a server has seen, on a machine with much else to do. */
export const patience = { timeout: 20_000, interval: 10 }

/** A server on raw sockets, that meets its nth request with the nth fault of its script, over and over. */
export class FaultServer implements AsyncDisposable {
  /** The heads of the requests that came. */
  readonly requests: string[] = []
  /** What each of them met. */
  readonly met: Fault[] = []
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0
  #draining = false
  /** What it has not done yet, while it stalls. */
  #held: (() => void)[] | undefined

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
          this.met.push(fault)
          received = received.slice(end + 4)
          const play = faults[this.#draining && fault === 'ok' ? 'ok, and says that it closes' : fault]
          if (this.#held) this.#held.push(() => play(socket))
          else play(socket)
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

  /** As a pod that shuts down in good order: nobody new comes in, and who is here is told to go after the answer. */
  drain(): void {
    this.#draining = true
    this.#server.close()
  }

  /** As a process that is stopped: it takes requests, and answers none before `resume`. */
  stall(): void {
    this.#held = []
  }

  resume(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const play of held) play()
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

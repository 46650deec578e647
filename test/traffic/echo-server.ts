import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback } from './loopback.ts'

export interface ReceivedRequest {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** A server that keeps what it was asked, and answers what it is told to, as the pod `tea-1`. */
export class EchoServer {
  readonly requests: ReceivedRequest[] = []
  answer = { status: 200, body: 'hello' }
  readonly #server: Server
  #port = 0

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const { method, url, headers } = request
      this.requests.push({ method, url, headers, body: await text(request) })
      response.writeHead(this.answer.status, { 'x-pod': 'tea-1' }).end(this.answer.body)
    })
  }

  static async start(): Promise<EchoServer> {
    const server = new EchoServer()
    server.#port = await listenOnLoopback(server.#server)
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  /** The requests in the order in which they were planned. */
  get inOrder(): ReceivedRequest[] {
    const sequence = ({ headers }: ReceivedRequest) => Number(headers['x-chaos-test-sequence'])
    return this.requests.toSorted((a, b) => sequence(a) - sequence(b))
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

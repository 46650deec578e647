import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../../../support/errors.ts'
import { jsonReply, send } from '../../http/reply.ts'

/** Hands requests on to a Prometheus, and its answers back. */
export class PrometheusProxy {
  readonly #baseUrl: string
  readonly #agent = new Agent({ keepAlive: true })

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl
  }

  /** Never rejects: what goes wrong is answered with status 502, or ends the connection. */
  async forward(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method, headers, url = '/' } = asked
      const onwards = request(new URL(url, this.#baseUrl), {
        method,
        agent: this.#agent,
        headers: { ...headers, host: new URL(this.#baseUrl).host },
      })
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        onwards.once('response', resolve)
        onwards.once('error', reject)
      })
      const [answer] = await Promise.all([answered, pipeline(asked, onwards)])
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      await pipeline(answer, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else send(response, unavailable(error))
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

function unavailable(error: unknown) {
  const text = `the lab's Prometheus does not answer: ${messageOf(error)}`
  return jsonReply(502, { status: 'error', errorType: 'unavailable', error: text })
}

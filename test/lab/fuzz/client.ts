import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ApiAccess } from '../../../src/lab/client/access.ts'
import type { FuzzRequest } from './requests.ts'

export interface FuzzAnswer {
  code: number
  contentType: string
  /** Undefined where the answer goes on, as a watch does: its client hung up. */
  text: string | undefined
}

/** An answer that is not there by then will never be. */
const timeoutMs = 60_000

/** Sends what clients would not. */
export class FuzzClient {
  readonly #access: ApiAccess
  readonly #agent: Agent

  constructor(access: ApiAccess) {
    this.#access = access
    // Of the address: otherwise the Host of a request would be looked for in the certificate.
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, servername: '' })
  }

  /** @throws when there is no answer in time, or the connection ends without one */
  async send({ method, target, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
    const { hostname, port } = new URL(this.#access.server)
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = request({
      host: hostname,
      port,
      method,
      path: target,
      headers: {
        authorization: `Bearer ${this.#access.token}`,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
      agent: this.#agent,
      signal,
    })
    sent.end(body)
    const [answer]: IncomingMessage[] = await once(sent, 'response', { signal })
    if (!answer) throw new Error('no answer')
    const code = answer.statusCode ?? 0
    const contentType = answer.headers['content-type'] ?? ''
    if (answer.headers['content-length'] === undefined && code === 200) {
      answer.destroy()
      return { code, contentType, text: undefined }
    }
    return { code, contentType, text: await text(answer) }
  }

  close(): void {
    this.#agent.destroy()
  }
}

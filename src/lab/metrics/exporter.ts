import { Agent, request } from 'node:http'
import { readBody } from '../http/body.ts'
import { answerTo } from '../http/request.ts'
import type { Target } from './target.ts'

const accepted = 'text/plain;version=0.0.4;q=1,*/*;q=0.1'
const largestExpositionBytes = 16 * 1024 * 1024

/** A connection to the metrics of one target. */
export class Exporter {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor({ url }: Target, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  /** What it exposes now. @throws when it does not answer in time, or answers anything but 200 */
  async read(): Promise<string> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    try {
      const answer = await answerTo(request(this.#url, { agent: this.#agent, headers: { accept: accepted }, signal }))
      const body = await readBody(answer, largestExpositionBytes)
      if (answer.statusCode !== 200) throw new Error(`server returned HTTP status ${answer.statusCode}`)
      return body.toString()
    } catch (error) {
      // Whatever is left of it must not be taken for the next answer.
      this.#agent.destroy()
      throw signal.aborted ? signal.reason : error
    }
  }

  /** Drops the connection: what is being read is not. */
  close(): void {
    this.#agent.destroy()
  }
}

import { Agent, type IncomingMessage, request } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { readBody } from '../http/body.ts'
import { answerTo } from '../http/request.ts'
import type { ExpositionFormat } from './exposition.ts'
import type { Target } from './target.ts'

const accept =
  'application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1'
const largestExpositionBytes = 16 * 1024 * 1024
const unzip = promisify(gunzip)

/** What a target answered. */
export interface Scraped {
  readonly text: string
  readonly format: ExpositionFormat
}

/** A connection to the metrics of one target. */
export class Exporter {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor({ url }: Target, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
    this.#headers = {
      accept,
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
    }
  }

  /** What it exposes now. @throws when it does not answer in time, or answers anything but 200 */
  async read(): Promise<Scraped> {
    // Not AbortSignal.timeout(): with every scrape one more of them would be left to fire.
    const overdue = new AbortController()
    const reason = new Error(`timeout: no answer within ${this.#timeoutMs} ms`)
    const timer = setTimeout(() => overdue.abort(reason), this.#timeoutMs)
    try {
      const options = { agent: this.#agent, headers: this.#headers, signal: overdue.signal }
      const answer = await answerTo(request(this.#url, options))
      const body = await readBody(answer, largestExpositionBytes)
      if (answer.statusCode !== 200) throw new Error(`server returned HTTP status ${answer.statusCode}`)
      return { text: (await plain(answer, body)).toString(), format: formatOf(answer) }
    } catch (error) {
      // Whatever is left of it must not be taken for the next answer.
      this.#agent.destroy()
      throw overdue.signal.aborted ? reason : error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Drops the connection: what is being read is not. */
  close(): void {
    this.#agent.destroy()
  }
}

async function plain({ headers }: IncomingMessage, body: Buffer): Promise<Buffer> {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') throw new Error(`server returned the content encoding ${encoding}, asked for gzip`)
  return unzip(body, { maxOutputLength: largestExpositionBytes })
}

function formatOf({ headers }: IncomingMessage): ExpositionFormat {
  return headers['content-type']?.startsWith('application/openmetrics-text') ? 'openmetrics' : 'text'
}

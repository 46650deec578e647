import { Client } from 'undici'
import type { Target } from './target.ts'

const TEXT_FORMAT = 'text/plain;version=0.0.4;q=1,*/*;q=0.1'
const LARGEST_EXPOSITION_BYTES = 16 * 1024 * 1024

/** A connection to the metrics of one target. */
export class Exporter {
  readonly #client: Client
  readonly #path: string
  readonly #timeoutMs: number

  constructor(target: Target, timeoutMs: number) {
    const { origin, pathname, search } = new URL(target.url)
    this.#client = new Client(origin, { maxResponseSize: LARGEST_EXPOSITION_BYTES })
    this.#path = pathname + search
    this.#timeoutMs = timeoutMs
  }

  /** What it exposes now. @throws when it does not answer in time, or answers anything but 200 */
  async read(): Promise<string> {
    const { statusCode, body } = await this.#client.request({
      method: 'GET',
      path: this.#path,
      headers: { accept: TEXT_FORMAT },
      signal: AbortSignal.timeout(this.#timeoutMs),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`server returned HTTP status ${statusCode}`)
    return text
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }
}

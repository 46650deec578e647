import { request } from 'undici'
import { type Clock, systemClock } from '../support/clock.ts'
import { type ChaosError, inconclusive, messageOf } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'

export interface TransportOptions {
  clock?: Clock
  /** For how long a request that fails by the connection or with a 5xx is tried again, in milliseconds (3000). */
  retryForMs?: number
  /** How long one answer may take, in milliseconds (10000). */
  timeoutMs?: number
  /** Ends the waiting and the requests. */
  signal?: AbortSignal
}

/** An answer that is worth reading: its status is below 500. */
export interface Answer {
  status: number
  body: string
}

interface HttpRequest {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
}

const firstRetryMs = 50
const longestRetryMs = 1000
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }

/** Asks a Prometheus over HTTP, and asks again for a while when nobody answers. */
export class Transport {
  readonly #url: string
  readonly #clock: Clock
  readonly #retryForMs: number
  readonly #timeoutMs: number
  readonly #signal: AbortSignal | undefined

  /** @param url the base URL, with the path prefix that the server has, if any */
  constructor(url: string, options: TransportOptions = {}) {
    this.#url = url.replace(/\/+$/, '')
    this.#clock = options.clock ?? systemClock
    this.#retryForMs = options.retryForMs ?? 3000
    this.#timeoutMs = options.timeoutMs ?? 10_000
    this.#signal = options.signal
  }

  /**
   * Posts a form, as long as queries may be.
   *
   * @throws CHAOS_PROMETHEUS_UNREACHABLE (inconclusive), or the reason of the signal
   */
  post(path: string, parameters: URLSearchParams): Promise<Answer> {
    return this.#retried({ method: 'POST', path, headers: formHeaders, body: parameters.toString() })
  }

  /** @throws CHAOS_PROMETHEUS_UNREACHABLE (inconclusive), or the reason of the signal */
  get(path: string, parameters: URLSearchParams): Promise<Answer> {
    return this.#retried({ method: 'GET', path: `${path}?${parameters}`, headers: { accept: 'application/json' } })
  }

  async #retried(asked: HttpRequest): Promise<Answer> {
    const giveUpAt = this.#clock.now() + this.#retryForMs
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      const outcome = await this.#once(asked)
      if (typeof outcome !== 'string') return outcome
      if (this.#clock.now() + waitMs > giveUpAt) throw this.#unreachable(outcome)
      await this.#clock.sleep(waitMs, this.#signal)
    }
  }

  /** The answer, or in words why there is none. */
  async #once({ path, ...asked }: HttpRequest): Promise<Answer | string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const signal = this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout
    try {
      const answer = await request(this.#url + path, { ...asked, signal })
      const text = await answer.body.text()
      if (answer.statusCode >= 500) return `it answered ${answer.statusCode}: ${text.slice(0, 200)}`
      return { status: answer.statusCode, body: text }
    } catch (error) {
      this.#signal?.throwIfAborted()
      if (timeout.aborted) return `it did not answer within ${formatMilliseconds(this.#timeoutMs)}`
      return messageOf(error) || errorCode(error)
    }
  }

  #unreachable(why: string): ChaosError {
    return inconclusive(
      'CHAOS_PROMETHEUS_UNREACHABLE',
      `Prometheus at ${this.#url} could not be read, tried for ${formatMilliseconds(this.#retryForMs)}: ${why}. Check that it runs and that "prometheus: { url }" in chaos.config.ts is its base URL (kubectl port-forward brings one that is inside a cluster here).`,
    )
  }
}

/** An error of several addresses has no message of its own. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'the connection failed'
}

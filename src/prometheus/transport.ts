import { Agent, type Dispatcher, request } from 'undici'
import { redact } from '../journal/redact.ts'
import { type Clock, systemClock } from '../support/clock.ts'
import { type ChaosError, inconclusive, messageOf } from '../support/errors.ts'
import { type HttpAccess, secretsOf, type TlsAccess } from '../support/http-access.ts'
import { formatMilliseconds } from '../support/quantities.ts'

export interface TransportOptions {
  clock?: Clock
  /** For how long a request that fails by the connection or with a 5xx is tried again, in milliseconds (3000). */
  retryForMs?: number
  /** How long one answer may take, in milliseconds (10000). */
  timeoutMs?: number
  /** How the server lets us in; no message shows it. */
  access?: HttpAccess
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
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }
const tooManyRequests = 429
const methodNotAllowed = 405

/**
 * Asks a Prometheus over HTTP, and asks again for a while when nobody answers. Redirects are not followed: what lets us
 * in is for this server alone.
 */
export class Transport {
  readonly #url: string
  readonly #clock: Clock
  readonly #retryForMs: number
  readonly #timeoutMs: number
  readonly #signal: AbortSignal | undefined
  readonly #access: HttpAccess
  readonly #secrets: readonly string[]

  /** @param url the base URL, with the path prefix that the server has, if any */
  constructor(url: string, options: TransportOptions = {}) {
    this.#url = url.replace(/\/+$/, '')
    this.#clock = options.clock ?? systemClock
    this.#retryForMs = options.retryForMs ?? 3000
    this.#timeoutMs = options.timeoutMs ?? 10_000
    this.#signal = options.signal
    this.#access = options.access ?? { headers: {} }
    this.#secrets = secretsOf(this.#access)
  }

  /** The text without what lets us in: a server may repeat it. */
  hide(text: string): string {
    return String(redact(text, { secrets: this.#secrets }))
  }

  /**
   * Posts a form, as long as queries may be; where only GET is let through, the same as a GET.
   *
   * @throws CHAOS_PROMETHEUS_UNREACHABLE, CHAOS_PROMETHEUS_DENIED (inconclusive), or the reason of the signal
   */
  async post(path: string, parameters: URLSearchParams): Promise<Answer> {
    const answer = await this.#retried({ method: 'POST', path, headers: formHeaders, body: parameters.toString() })
    return answer.status === methodNotAllowed ? this.get(path, parameters) : answer
  }

  /** @throws CHAOS_PROMETHEUS_UNREACHABLE, CHAOS_PROMETHEUS_DENIED (inconclusive), or the reason of the signal */
  get(path: string, parameters = new URLSearchParams()): Promise<Answer> {
    const query = parameters.size === 0 ? '' : `?${parameters}`
    return this.#retried({ method: 'GET', path: path + query, headers: {} })
  }

  async #retried(asked: HttpRequest): Promise<Answer> {
    const giveUpAt = this.#clock.now() + this.#retryForMs
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      const outcome = await this.#once(asked)
      if (typeof outcome !== 'string') return this.#admitted(outcome)
      if (this.#clock.now() + waitMs > giveUpAt) throw this.#unreachable(outcome)
      await this.#clock.sleep(waitMs, this.#signal)
    }
  }

  /** @throws CHAOS_PROMETHEUS_DENIED (inconclusive) */
  #admitted(answer: Answer): Answer {
    const { status } = answer
    if (status !== 401 && status !== 403) return answer
    const names = Object.keys(this.#access.headers)
    const shown = names.length === 0 ? 'without any authorization' : `with the headers ${names.join(', ')}`
    throw inconclusive(
      'CHAOS_PROMETHEUS_DENIED',
      `Prometheus at ${this.#url} answered ${status} to a request ${shown}: it does not let us in. Set bearerToken, basicAuth, headers or tls in "prometheus" of chaos.config.ts, or the variables CHAOS_TEST_PROMETHEUS_BEARER_TOKEN, _USERNAME and _PASSWORD, _HEADERS.`,
    )
  }

  /** The answer, or in words why there is none. */
  async #once({ path, ...asked }: HttpRequest): Promise<Answer | string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const signal = this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout
    try {
      const { headers, tls } = this.#access
      const answer = await request(this.#url + path, {
        ...asked,
        headers: { accept: 'application/json', ...asked.headers, ...headers },
        signal,
        ...(tls ? { dispatcher: dispatcherOf(tls) } : {}),
      })
      const text = await answer.body.text()
      if (answer.statusCode >= 500 || answer.statusCode === tooManyRequests) {
        return `it answered ${answer.statusCode}: ${this.hide(text).slice(0, 200)}`
      }
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

const dispatchers = new WeakMap<TlsAccess, Dispatcher>()

/** Connections with certificates of one's own, shared by all who ask the same server. */
function dispatcherOf(tls: TlsAccess): Dispatcher {
  const known = dispatchers.get(tls)
  if (known) return known
  const { ca, cert, key, serverName, insecure } = tls
  const created = new Agent({
    connect: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
      rejectUnauthorized: !insecure,
    },
  })
  dispatchers.set(tls, created)
  return created
}

/** An error of several addresses has no message of its own. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'the connection failed'
}

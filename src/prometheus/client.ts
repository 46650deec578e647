import * as v from 'valibot'
import { type Clock, systemClock } from '../support/clock.ts'
import { inconclusive, isChaosError } from '../support/errors.ts'
import {
  answerSchema,
  type BuildInfo,
  buildInfoSchema,
  type InstantValue,
  labelsSchema,
  type QueryResult,
  queryResultSchema,
  resultOf,
  type TargetHealth,
  targetsSchema,
} from './answers.ts'
import type { Labels, SampledSeries } from './samples.ts'
import { type Answer, Transport, type TransportOptions } from './transport.ts'

/**
 * A client of the HTTP API of Prometheus, and of what speaks it (the lab, Thanos, Mimir, VictoriaMetrics). A warning in
 * an answer is an error here: it says that the answer may not be the whole truth.
 *
 * Every method rejects with CHAOS_PROMETHEUS_UNREACHABLE, CHAOS_PROMETHEUS_DENIED, CHAOS_PROMETHEUS_QUERY,
 * CHAOS_PROMETHEUS_WARNINGS or CHAOS_PROMETHEUS_BAD_ANSWER, all inconclusive. No message shows what lets us in.
 */
export class PrometheusClient {
  readonly url: string
  readonly #transport: Transport
  #aheadMs = 0

  constructor(url: string, options: TransportOptions = {}) {
    this.url = url
    this.#transport = new Transport(url, options)
  }

  /** How far the server's clock is ahead of this machine's, as far as it was asked for and can be told. */
  get aheadMs(): number {
    return this.#aheadMs
  }

  /**
   * Sets the client by the server's clock: from now on, all times that go in and come out are those of this machine. A
   * window that ends now would else end too early, or not yet, by what the clocks are apart. A difference that the time
   * of the answer may explain is none; of a server that cannot tell its time it is taken to be none.
   */
  async matchClock(clock: Clock = systemClock): Promise<void> {
    const askedAt = clock.now()
    const there = await this.now().catch(cannotTell)
    const answeredAt = clock.now()
    const aheadMs = there === undefined ? 0 : Math.round(there - (askedAt + answeredAt) / 2)
    const uncertainty = (answeredAt - askedAt) / 2 + clockToleranceMs
    this.#aheadMs = Math.abs(aheadMs) > uncertainty ? aheadMs : 0
  }

  /** What a query comes to at a time (milliseconds since the epoch). */
  async query(promql: string, at: number): Promise<QueryResult> {
    const parameters = new URLSearchParams({ query: promql, time: this.#there(at) })
    const data = this.#dataOf(await this.#transport.post('/api/v1/query', parameters), promql)
    return resultOf(this.#parse(queryResultSchema, data, promql), this.#aheadMs)
  }

  /** What a query comes to at each step from one time to another, both included; a step without a value is left out. */
  async queryRange(promql: string, from: number, until: number, stepMs: number): Promise<readonly SampledSeries[]> {
    const parameters = new URLSearchParams({
      query: promql,
      start: this.#there(from),
      end: this.#there(until),
      step: seconds(stepMs),
    })
    const data = this.#dataOf(await this.#transport.post('/api/v1/query_range', parameters), promql)
    const result = resultOf(this.#parse(queryResultSchema, data, promql), this.#aheadMs)
    if (result.type !== 'matrix') throw this.#badAnswer(promql, `a ${result.type} where a matrix was asked for`)
    return result.series
  }

  /** Each series of a selector with its value at a time. */
  async valuesAt(selector: string, at: number): Promise<readonly InstantValue[]> {
    const result = await this.query(selector, at)
    if (result.type !== 'vector') throw this.#badAnswer(selector, `a ${result.type} where a vector was asked for`)
    return result.values
  }

  /**
   * The raw samples of a selector, from one time to another, both included. Whether ranges are closed (Prometheus 2) or
   * left-open (3), the result is the same.
   */
  async samples(selector: string, from: number, until: number): Promise<readonly SampledSeries[]> {
    const result = await this.query(`${selector}[${until - from + 1}ms]`, until)
    if (result.type !== 'matrix') throw this.#badAnswer(selector, `a ${result.type} where a matrix was asked for`)
    return result.series.map(({ labels, samples }) => ({ labels, samples: samples.filter(({ at }) => at >= from) }))
  }

  /** The labels of the series of a selector that there were at about that time. */
  async series(selector: string, from: number, until: number): Promise<readonly Labels[]> {
    const parameters = new URLSearchParams({ 'match[]': selector, start: this.#there(from), end: this.#there(until) })
    const data = this.#dataOf(await this.#transport.get('/api/v1/series', parameters), selector)
    return this.#parse(v.array(labelsSchema), data, selector)
  }

  /** The names of the labels of a selector's series; of all series where there is no selector. */
  async labels(selector?: string): Promise<readonly string[]> {
    return this.#names('/api/v1/labels', selector)
  }

  /** The values that a label has in a selector's series; the names of all metrics are those of `__name__`. */
  async labelValues(label: string, selector?: string): Promise<readonly string[]> {
    return this.#names(`/api/v1/label/${encodeURIComponent(label)}/values`, selector)
  }

  /** What the server scrapes, with the reasons where it fails. Mimir has no such list. */
  async targets(): Promise<readonly TargetHealth[]> {
    const data = this.#dataOf(await this.#transport.get('/api/v1/targets', activeOnly), 'targets')
    return this.#parse(targetsSchema, data, 'targets').activeTargets.map(({ lastScrape, lastError, ...target }) => {
      const at = Date.parse(lastScrape)
      const error = this.#transport.hide(lastError)
      return { ...target, lastError: error, ...(at > 0 ? { lastScrapeAt: at - this.#aheadMs } : {}) }
    })
  }

  /** What time it is there: milliseconds since the epoch. */
  async now(): Promise<number> {
    const answer = await this.#transport.post('/api/v1/query', new URLSearchParams({ query: 'time()' }))
    const result = resultOf(this.#parse(queryResultSchema, this.#dataOf(answer, 'time()'), 'time()'), 0)
    if (result.type !== 'scalar') throw this.#badAnswer('time()', `a ${result.type} where a scalar was asked for`)
    return result.value * 1000
  }

  /** Which server it is, and of which version. */
  async buildInfo(): Promise<BuildInfo> {
    const data = this.#dataOf(await this.#transport.get('/api/v1/status/buildinfo'), 'buildinfo')
    const { version, application } = this.#parse(buildInfoSchema, data, 'buildinfo')
    return { version, ...(application === undefined ? {} : { application }) }
  }

  /** A time of this machine, as the server has it. */
  #there(at: number): string {
    return seconds(at + this.#aheadMs)
  }

  async #names(path: string, selector: string | undefined): Promise<readonly string[]> {
    const parameters = new URLSearchParams(selector === undefined ? {} : { 'match[]': selector })
    const asked = selector ?? path
    return this.#parse(v.array(v.string()), this.#dataOf(await this.#transport.get(path, parameters), asked), asked)
  }

  #dataOf({ status, body }: Answer, query: string): unknown {
    const answer = this.#parse(answerSchema, jsonOf(body), query, `status ${status}`)
    if (answer.status === 'error') {
      throw inconclusive(
        'CHAOS_PROMETHEUS_QUERY',
        `Prometheus at ${this.url} refused the query ${query}: ${this.#transport.hide(answer.error)} (${answer.errorType})`,
      )
    }
    if (answer.warnings?.length) {
      throw inconclusive(
        'CHAOS_PROMETHEUS_WARNINGS',
        `Prometheus at ${this.url} answered the query ${query} with a warning, so the answer may not be the whole truth: ${this.#transport.hide(answer.warnings.join('; '))}`,
      )
    }
    return answer.data
  }

  #parse<Schema extends v.GenericSchema>(
    schema: Schema,
    data: unknown,
    query: string,
    context = '',
  ): v.InferOutput<Schema> {
    const parsed = v.safeParse(schema, data)
    if (parsed.success) return parsed.output
    const found = [context, v.summarize(parsed.issues)].filter(Boolean).join(', ')
    throw this.#badAnswer(query, found)
  }

  #badAnswer(query: string, found: string) {
    return inconclusive(
      'CHAOS_PROMETHEUS_BAD_ANSWER',
      `${this.url} did not answer the query ${query} as Prometheus does (${this.#transport.hide(found)}). Is "prometheus: { url }" in chaos.config.ts the base URL of its API?`,
    )
  }
}

/** Clocks that are that near are the same. */
const clockToleranceMs = 10

const activeOnly = new URLSearchParams({ state: 'active' })

/** A server may lack the function, and need not be set by. */
function cannotTell(error: unknown): undefined {
  if (isChaosError(error) && error.code === 'CHAOS_PROMETHEUS_QUERY') return undefined
  throw error
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

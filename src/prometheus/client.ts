import * as v from 'valibot'
import { inconclusive } from '../support/errors.ts'
import type { Labels, Sample, SampledSeries } from './samples.ts'
import { type Answer, Transport, type TransportOptions } from './transport.ts'

const labelsSchema = v.record(v.string(), v.string())
const sampleSchema = v.tuple([v.number(), v.string()])

const answerSchema = v.variant('status', [
  v.object({ status: v.literal('success'), data: v.unknown(), warnings: v.optional(v.array(v.string())) }),
  v.object({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
])

const queryResultSchema = v.variant('resultType', [
  v.object({
    resultType: v.literal('matrix'),
    result: v.array(v.object({ metric: labelsSchema, values: v.optional(v.array(sampleSchema), []) })),
  }),
  v.object({
    resultType: v.literal('vector'),
    result: v.array(v.object({ metric: labelsSchema, value: v.optional(sampleSchema) })),
  }),
  v.object({ resultType: v.literal('scalar'), result: sampleSchema }),
  v.object({ resultType: v.literal('string'), result: sampleSchema }),
])

/** A series with its value at one time. */
export interface InstantValue {
  readonly labels: Labels
  readonly value: number
}

/** What a query came to. */
export type QueryResult =
  | { type: 'matrix'; series: readonly SampledSeries[] }
  | { type: 'vector'; values: readonly InstantValue[] }
  | { type: 'scalar'; value: number }
  | { type: 'string' }

/**
 * A client of the HTTP API of Prometheus, and of what speaks it (the lab, Thanos, Mimir). A warning in an answer is an
 * error here: it says that the answer may not be the whole truth.
 *
 * Every method rejects with CHAOS_PROMETHEUS_UNREACHABLE, CHAOS_PROMETHEUS_QUERY, CHAOS_PROMETHEUS_WARNINGS or
 * CHAOS_PROMETHEUS_BAD_ANSWER, all inconclusive.
 */
export class PrometheusClient {
  readonly url: string
  readonly #transport: Transport

  constructor(url: string, options: TransportOptions = {}) {
    this.url = url
    this.#transport = new Transport(url, options)
  }

  /** What a query comes to at a time (milliseconds since the epoch). */
  async query(promql: string, at: number): Promise<QueryResult> {
    const parameters = new URLSearchParams({ query: promql, time: seconds(at) })
    const data = this.#dataOf(await this.#transport.post('/api/v1/query', parameters), promql)
    return resultOf(this.#parse(queryResultSchema, data, promql))
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
    const parameters = new URLSearchParams({ 'match[]': selector, start: seconds(from), end: seconds(until) })
    const data = this.#dataOf(await this.#transport.get('/api/v1/series', parameters), selector)
    return this.#parse(v.array(labelsSchema), data, selector)
  }

  #dataOf({ status, body }: Answer, query: string): unknown {
    const answer = this.#parse(answerSchema, jsonOf(body), query, `status ${status}`)
    if (answer.status === 'error') {
      throw inconclusive(
        'CHAOS_PROMETHEUS_QUERY',
        `Prometheus at ${this.url} refused the query ${query}: ${answer.error} (${answer.errorType})`,
      )
    }
    if (answer.warnings?.length) {
      throw inconclusive(
        'CHAOS_PROMETHEUS_WARNINGS',
        `Prometheus at ${this.url} answered the query ${query} with a warning, so the answer may not be the whole truth: ${answer.warnings.join('; ')}`,
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
      `${this.url} did not answer the query ${query} as Prometheus does (${found}). Is "prometheus: { url }" in chaos.config.ts the base URL of its API?`,
    )
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function resultOf(result: v.InferOutput<typeof queryResultSchema>): QueryResult {
  switch (result.resultType) {
    case 'matrix':
      return {
        type: 'matrix',
        series: result.result.map(({ metric, values }) => ({ labels: metric, samples: values.map(sampleOf) })),
      }
    case 'vector':
      return {
        type: 'vector',
        values: result.result.map(({ metric, value }) => ({
          labels: metric,
          value: value ? sampleOf(value).value : Number.NaN,
        })),
      }
    case 'scalar':
      return { type: 'scalar', value: sampleOf(result.result).value }
    case 'string':
      return { type: 'string' }
  }
}

function sampleOf([time, value]: readonly [number, string]): Sample {
  return { at: Math.round(time * 1000), value: numberOf(value) }
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text)
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

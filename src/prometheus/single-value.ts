import { inconclusive } from '../support/errors.ts'
import type { InstantValue, QueryResult } from './answers.ts'
import type { PrometheusClient } from './client.ts'
import { labelsInWords } from './samples.ts'

const shownSeries = 3

/**
 * The one number that a query comes to.
 *
 * @throws inconclusive: CHAOS_PROMETHEUS_NO_DATA, CHAOS_PROMETHEUS_SEVERAL_SERIES, CHAOS_PROMETHEUS_NAN,
 *   CHAOS_PROMETHEUS_NO_NUMBER, and what the client throws
 */
export async function singleValue(client: PrometheusClient, promql: string, at: number): Promise<number> {
  const value = numberOf(await client.query(promql, at), promql)
  if (!Number.isNaN(value)) return value
  throw inconclusive(
    'CHAOS_PROMETHEUS_NAN',
    `The query ${promql} came to NaN, which is neither below nor above anything: often a share of nothing.`,
  )
}

function numberOf(result: QueryResult, promql: string): number {
  if (result.type === 'scalar') return result.value
  if (result.type !== 'vector') {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NO_NUMBER',
      `The query ${promql} came to a ${result.type}, which is not a single number. A range of samples needs a function, as in max_over_time(…).`,
    )
  }
  const [only, ...others] = result.values
  if (!only) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NO_DATA',
      `The query ${promql} found nothing, which says neither that it held nor that it deviated. Is a label mistyped, or the series not there yet?`,
    )
  }
  if (others.length === 0) return only.value
  throw severalSeries(promql, result.values)
}

/** One number was expected: which of several is meant is for the spec to say. */
export function severalSeries(promql: string, values: readonly InstantValue[]): Error {
  const shown = values.slice(0, shownSeries).map(({ labels, value }) => `${labelsInWords(labels)} = ${value}`)
  return inconclusive(
    'CHAOS_PROMETHEUS_SEVERAL_SERIES',
    `The query ${promql} came to ${values.length} series where one number was expected: ${shown.join(', ')}${values.length > shownSeries ? ', …' : ''}. Aggregate them, as in sum(…), or name the one that you mean.`,
  )
}

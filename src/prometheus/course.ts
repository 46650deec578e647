import { inconclusive } from '../support/errors.ts'
import type { PrometheusClient } from './client.ts'
import { type SeriesValues, seriesValues } from './gauge-values.ts'
import type { Measurement } from './measurement.ts'
import { severalSeries } from './single-value.ts'
import type { TimeWindow } from './windows.ts'

/**
 * What a query comes to at each step of a window: the course of one number.
 *
 * @throws inconclusive: CHAOS_PROMETHEUS_NO_DATA where a step has no value, CHAOS_PROMETHEUS_SEVERAL_SERIES,
 *   CHAOS_PROMETHEUS_NAN, and what the client throws
 */
export async function courseOf(
  client: PrometheusClient,
  promql: string,
  { startedAt, endedAt }: TimeWindow,
  stepMs: number,
): Promise<Measurement<SeriesValues>> {
  const found = await client.queryRange(promql, startedAt, endedAt, stepMs)
  if (found.length > 1) {
    throw severalSeries(
      promql,
      found.map(({ labels, samples }) => ({ labels, value: samples.at(-1)?.value ?? Number.NaN })),
    )
  }
  const { labels = {}, samples = [] } = found[0] ?? {}
  const steps = Math.floor((endedAt - startedAt) / stepMs) + 1
  if (samples.length < steps) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NO_DATA',
      `The query ${promql} had a value at only ${samples.length} of ${steps} steps from ${new Date(startedAt).toISOString()} on, which says neither that it held nor that it deviated.`,
    )
  }
  const broken = samples.find(({ value }) => Number.isNaN(value))
  if (broken) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NAN',
      `The query ${promql} came to NaN at ${new Date(broken.at).toISOString()}, which is neither below nor above anything: often a share of nothing.`,
    )
  }
  const values = seriesValues(labels, samples)
  const window = { startedAt, endedAt }
  return {
    value: values?.last.value ?? Number.NaN,
    window,
    scrapeIntervalMs: stepMs,
    series: values ? [values] : [],
    samples: samples.length,
    query: promql,
    notes: [],
  }
}

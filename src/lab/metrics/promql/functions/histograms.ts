import { keyOf, type Labels, labelOf, metricNameLabel, withLabel, withoutLabels } from '../../labels.ts'
import type { Annotations } from '../annotations.ts'
import type { Span } from '../ast.ts'
import { type Bucket, bucketFraction, bucketQuantile, type MonotonicityRepair } from '../buckets.ts'
import { isQuantile } from '../numbers.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt } from '../values.ts'
import { type Arguments, type Functions, vectorValue } from './definition.ts'
import { invalidQuantile } from './over-time.ts'

const bucketLabel = 'le'

/** Functions of classic histograms: of series `…_bucket` whose label `le` is the upper bound of what they count. */
export const histogramFunctions: Functions = {
  histogram_quantile: {
    parameters: ['scalar', 'vector'],
    returns: 'vector',
    evaluate: (call) => {
      const phis = call.scalar(0)
      warnOfQuantiles(call, phis, 0)
      return vectorValue(quantiles(call, histogramsOf(call, 1), 1, phis))
    },
  },
  histogram_quantiles: {
    parameters: ['vector', 'string', 'scalar', 'scalar'],
    required: 3,
    variadic: true,
    returns: 'vector',
    evaluate: (call) => vectorValue(manyQuantiles(call)),
  },
  histogram_fraction: {
    parameters: ['scalar', 'scalar', 'vector'],
    returns: 'vector',
    evaluate: (call) => {
      const [lower, upper] = [call.scalar(0), call.scalar(1)]
      return vectorValue(
        histogramsOf(call, 2).map((histogram) =>
          perStep(histogram, call.grid.count, (buckets, step) =>
            bucketFraction(lower[step] ?? Number.NaN, upper[step] ?? Number.NaN, buckets),
          ),
        ),
      )
    },
  },
}

/** The series of one histogram. */
interface Histogram {
  readonly labels: Labels
  readonly buckets: { readonly upperBound: number; readonly column: Column }[]
}

function manyQuantiles(call: Arguments): Vector {
  const label = call.string(1)
  const histograms = histogramsOf(call, 0)
  return Array.from({ length: call.count - 2 }, (_, i) => {
    const phis = call.scalar(i + 2)
    warnOfQuantiles(call, phis, i + 2)
    return quantiles(call, histograms, 0, phis).map((column) => ({
      ...column,
      labels: withLabel(column.labels, label, openMetricsNumber(phis[0] ?? Number.NaN)),
    }))
  }).flat()
}

function quantiles(call: Arguments, histograms: readonly Histogram[], argument: number, phis: Float64Array): Vector {
  return histograms.map((histogram) => {
    const repairs: MonotonicityRepair[] = []
    const column = perStep(histogram, call.grid.count, (buckets, step) =>
      bucketQuantile(phis[step] ?? Number.NaN, buckets, (repair) => repairs.push(repair)),
    )
    informOfRepairs(call.annotations, repairs, histogram, call.expression(argument).span)
    return column
  })
}

function perStep(
  { labels, buckets }: Histogram,
  count: number,
  meaning: (buckets: Bucket[], step: number) => number,
): Column {
  const result = emptyColumn(labels, true, count)
  for (let step = 0; step < count; step++) {
    const there = buckets
      .filter(({ column }) => isPresent(column, step))
      .map(({ upperBound, column }) => ({ upperBound, count: valueAt(column, step) }))
    if (there.length > 0) setValue(result, step, meaning(there, step))
  }
  return result
}

/** The histograms that the buckets of a vector make up. A series without a bound is none of them, and is warned of. */
function histogramsOf(call: Arguments, argument: number): Histogram[] {
  const histograms = new Map<string, Histogram>()
  for (const column of call.vector(argument)) {
    const bound = labelOf(column.labels, bucketLabel)
    const upperBound = boundOf(bound)
    if (upperBound === undefined) {
      if (column.present.includes(1)) warnOfBound(call, argument, column, bound)
      continue
    }
    const labels = withoutLabels(column.labels, [bucketLabel])
    const key = keyOf(labels)
    const histogram = histograms.get(key) ?? { labels, buckets: [] }
    histogram.buckets.push({ upperBound, column })
    histograms.set(key, histogram)
  }
  for (const { buckets } of histograms.values()) buckets.sort((a, b) => a.upperBound - b.upperBound || 0)
  return [...histograms.values()]
}

function boundOf(text: string): number | undefined {
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(value) ? undefined : value
}

function warnOfBound(call: Arguments, argument: number, { labels }: Column, bound: string): void {
  const name = labelOf(labels, metricNameLabel)
  const ofMetric = name === '' ? '' : ` for metric name "${name}"`
  call.annotations.warn(
    `bucket label "${bucketLabel}" is missing or has a malformed value of "${bound}"${ofMetric}`,
    call.expression(argument).span,
  )
}

function warnOfQuantiles(call: Arguments, phis: Float64Array, argument: number): void {
  for (const phi of new Set(phis)) {
    if (!isQuantile(phi)) call.annotations.warn(invalidQuantile(phi), call.expression(argument).span)
  }
}

function informOfRepairs(
  annotations: Annotations,
  repairs: readonly MonotonicityRepair[],
  { labels }: Histogram,
  about: Span,
): void {
  if (repairs.length === 0) return
  const name = labelOf(labels, metricNameLabel)
  const ofMetric = name === '' ? '' : ` for metric name "${name}"`
  const lowest = Math.min(...repairs.map(({ lowest }) => lowest))
  const highest = Math.max(...repairs.map(({ highest }) => highest))
  const largest = Math.max(...repairs.map(({ largestDrop }) => largestDrop))
  annotations.inform(
    `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${ofMetric}, from buckets ${lowest} to ${highest}, with a max diff of ${Number(largest.toPrecision(2))}, over ${repairs.length} samples`,
    about,
  )
}

/** `0.5`, `1.0`: a float of OpenMetrics always shows that it is one. */
function openMetricsNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

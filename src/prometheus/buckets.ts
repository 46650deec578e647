import { inconclusive, usageError } from '../support/errors.ts'
import { type SeriesIncrease, sumOf } from './arithmetic.ts'
import { nothingCounted } from './counting.ts'
import { labelsInWords } from './samples.ts'

/** A bucket of a histogram: all that was observed up to its bound, the smaller buckets included. */
export interface Bucket {
  /** In the unit of the metric; the last one is infinite. */
  readonly bound: number
  readonly count: number
  readonly series: readonly SeriesIncrease[]
}

/** Where a quantile lies. In the unit of the metric. */
export interface QuantilePlace {
  /** The estimate: as if all observations were spread evenly over the bucket; infinite in the last bucket. */
  readonly value: number
  /** The bounds of the bucket: the true value is more than the one and at most the other. */
  readonly above: number
  readonly atMost: number
}

/**
 * The buckets of all series together, the smallest first.
 *
 * @throws inconclusive: CHAOS_PROMETHEUS_BUCKETS_DIFFER the series do not have the same bounds, so they cannot be added;
 *   CHAOS_PROMETHEUS_NO_BUCKETS; CHAOS_PROMETHEUS_NOTHING_COUNTED
 */
export function bucketsOf(increases: readonly SeriesIncrease[], selector: string): Bucket[] {
  const byBound = Map.groupBy(increases, ({ labels }) => boundOf(labels.le))
  const bounds = [...byBound.keys()].sort((a, b) => a - b)
  if (bounds.some(Number.isNaN) || bounds.at(-1) !== Number.POSITIVE_INFINITY) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NO_BUCKETS',
      `${selector}: these are not the buckets of a histogram, which have bounds in the label "le" and one of "+Inf". There is ${labelsInWords(increases[0]?.labels ?? {})}.`,
    )
  }
  requireSameBounds(increases, bounds, selector)
  let least = 0
  const buckets = bounds.map((bound) => {
    const series = byBound.get(bound) ?? []
    // Smaller buckets are part of the bigger ones: no sum can be less than the one before.
    least = Math.max(least, sumOf(series))
    return { bound, count: least, series }
  })
  if (least === 0) throw nothingCounted(selector)
  return buckets
}

/**
 * Where a quantile (0 to 1) lies, as Prometheus' `histogram_quantile()` has it: the first bucket with that share of the
 * observations, and a straight line within it. Beyond the last finite bound that function answers with this bound, which
 * says of a slow service that it is fast; here it is infinite.
 */
export function quantileOf(buckets: readonly Bucket[], quantile: number): QuantilePlace {
  const total = buckets.at(-1)?.count ?? 0
  const rank = quantile * total
  const index = Math.max(
    0,
    buckets.findIndex(({ count }) => count >= rank && count > 0),
  )
  const { bound: atMost = Number.POSITIVE_INFINITY, count = 0 } = buckets[index] ?? {}
  const before = buckets[index - 1]
  const above = before?.bound ?? (atMost > 0 && Number.isFinite(atMost) ? 0 : Number.NEGATIVE_INFINITY)
  const within = count - (before?.count ?? 0)
  const share = within === 0 ? 0 : (rank - (before?.count ?? 0)) / within
  const value = Number.isFinite(atMost) && Number.isFinite(above) ? above + (atMost - above) * share : atMost
  return { value, above, atMost }
}

/** The bucket that ends at a bound. @throws CHAOS_PROMETHEUS_NO_SUCH_BUCKET (usage) */
export function bucketAt(buckets: readonly Bucket[], bound: number, selector: string): Bucket {
  const found = buckets.find((bucket) => Math.abs(bucket.bound - bound) <= Math.abs(bound) * 1e-9)
  if (found) return found
  const bounds = buckets.map((bucket) => bucket.bound).filter(Number.isFinite)
  throw usageError(
    'CHAOS_PROMETHEUS_NO_SUCH_BUCKET',
    `${selector}: no bucket ends at ${bound}, so what is below is not counted. There are: ${bounds.join(', ')}. Ask for one of these, or add the bucket to the service.`,
  )
}

function boundOf(le: string | undefined): number {
  if (le === undefined || le === '') return Number.NaN
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

function requireSameBounds(increases: readonly SeriesIncrease[], bounds: readonly number[], selector: string): void {
  const histograms = Map.groupBy(increases, ({ labels: { le: _, ...labels } }) =>
    JSON.stringify(Object.entries(labels).sort()),
  )
  for (const series of histograms.values()) {
    if (series.length === bounds.length) continue
    const { le: _, ...labels } = series[0]?.labels ?? {}
    throw inconclusive(
      'CHAOS_PROMETHEUS_BUCKETS_DIFFER',
      `${selector}: ${labelsInWords(labels)} has ${series.length} buckets where all together have ${bounds.length} bounds, so they cannot be added. Name the series that belong together by their labels.`,
    )
  }
}

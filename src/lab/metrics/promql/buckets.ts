/** A bucket of a classic histogram: how many observations were not larger than its bound. */
export interface Bucket {
  readonly upperBound: number
  readonly count: number
}

/** Where the counts of a histogram fell from one bucket to the next, and were taken as equal. */
export interface MonotonicityRepair {
  /** The lowest and the highest bound of the buckets that were repaired. */
  readonly lowest: number
  readonly highest: number
  readonly largestDrop: number
}

/** Counts that differ by less, relatively, differ by rounding only. */
const roundingTolerance = 1e-12

/**
 * The φ-quantile of a histogram, interpolated linearly within its bucket. In the lowest bucket that begins at zero,
 * unless its bound is not above; in the highest, it is the bound before. NaN without observations and without a bucket
 * up to +Inf.
 *
 * @param buckets sorted by their bounds, and at least one
 * @param repaired is told when the counts are not monotonic
 */
export function bucketQuantile(
  phi: number,
  buckets: readonly Bucket[],
  repaired: (repair: MonotonicityRepair) => void,
): number {
  if (Number.isNaN(phi)) return Number.NaN
  if (phi < 0) return Number.NEGATIVE_INFINITY
  if (phi > 1) return Number.POSITIVE_INFINITY
  if (buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return Number.NaN
  const monotonic = madeMonotonic(coalesced(buckets), repaired)
  const last = monotonic.length - 1
  const observations = monotonic[last]?.count ?? 0
  if (last < 1 || observations === 0) return Number.NaN

  const rank = phi * observations
  const found = monotonic.findIndex(({ count }, i) => i === last || count >= rank)
  const bucket = monotonic[found]
  if (!bucket || found === last) return monotonic[last - 1]?.upperBound ?? Number.NaN
  if (found === 0 && bucket.upperBound <= 0) return bucket.upperBound
  const below = monotonic[found - 1] ?? { upperBound: 0, count: 0 }
  const share = (rank - below.count) / (bucket.count - below.count)
  return below.upperBound + (bucket.upperBound - below.upperBound) * share
}

/**
 * The share of the observations of a histogram between two values, interpolated linearly within buckets. NaN without
 * observations and without a bucket up to +Inf.
 *
 * @param buckets sorted by their bounds, and at least one
 */
export function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  if (buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return Number.NaN
  const merged = coalesced(buckets)
  const observations = merged.at(-1)?.count ?? 0
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  return (countBelow(upper, merged) - countBelow(lower, merged)) / observations
}

/** How many observations were below a value. */
function countBelow(value: number, buckets: readonly Bucket[]): number {
  const observations = buckets.at(-1)?.count ?? 0
  const lowest = (buckets[0]?.upperBound ?? 0) > 0 ? 0 : Number.NEGATIVE_INFINITY
  let below: Bucket = { upperBound: lowest, count: 0 }
  for (const bucket of buckets) {
    if (below.upperBound >= value) return Math.min(below.count, observations)
    if (bucket.upperBound > value) return Math.min(interpolated(value, below, bucket), observations)
    below = bucket
  }
  return observations
}

/** Within a bucket without a lower bound there is nothing to interpolate: all of it counts. */
function interpolated(value: number, below: Bucket, bucket: Bucket): number {
  if (below.upperBound === Number.NEGATIVE_INFINITY) return bucket.count
  const share = (value - below.upperBound) / (bucket.upperBound - below.upperBound)
  return below.count + (bucket.count - below.count) * share
}

/** Buckets with the same bound are one. */
function coalesced(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = []
  for (const bucket of buckets) {
    const last = merged.at(-1)
    if (last?.upperBound !== bucket.upperBound) merged.push(bucket)
    else merged[merged.length - 1] = { ...last, count: last.count + bucket.count }
  }
  return merged
}

/** No count is smaller than the one before: what is, is taken as equal. */
function madeMonotonic(buckets: readonly Bucket[], repaired: (repair: MonotonicityRepair) => void): Bucket[] {
  let highestCount = buckets[0]?.count ?? 0
  const drops: { upperBound: number; drop: number }[] = []
  const monotonic = buckets.map((bucket) => {
    const { upperBound, count } = bucket
    if (count === highestCount || isRounding(highestCount, count)) return { upperBound, count: highestCount }
    if (count < highestCount) {
      drops.push({ upperBound, drop: highestCount - count })
      return { upperBound, count: highestCount }
    }
    highestCount = count
    return bucket
  })
  if (drops.length > 0) {
    const bounds = drops.map(({ upperBound }) => upperBound)
    const largestDrop = Math.max(...drops.map(({ drop }) => drop))
    repaired({ lowest: Math.min(...bounds), highest: Math.max(...bounds), largestDrop })
  }
  return monotonic
}

function isRounding(a: number, b: number): boolean {
  return Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < roundingTolerance
}

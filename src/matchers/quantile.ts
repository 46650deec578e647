import type { MeasuredQuantile } from '../prometheus/index.ts'
import { inconclusive, usageError } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'
import { fewestToShow } from './evidence.ts'
import { measurementDiagnosis } from './measured.ts'
import { requireCounted } from './measured-evidence.ts'
import type { LatencyOptions, MatcherContext, MatcherResult } from './types.ts'

/** `toHaveLatencyBelow` of a quantile of a histogram of times. */
export function latencyBelowMeasured(
  context: MatcherContext,
  measured: MeasuredQuantile,
  limit: Duration,
  { percentile }: LatencyOptions,
): MatcherResult {
  const matcher = 'toHaveLatencyBelow'
  const { quantile, unitMs } = measured
  if (unitMs === undefined) {
    throw usageError(
      'CHAOS_NO_UNIT',
      `${matcher}: the name of ${measured.query} says no unit of time, as _seconds does. Compare its value by toBeBelow(number).`,
    )
  }
  if (percentile !== undefined && Math.abs(percentile / 100 - quantile) > 1e-9) {
    throw usageError(
      'CHAOS_BAD_PERCENTILE',
      `${matcher}: the percentile ${percentile} was asked of what is already the quantile ${quantile}. Say it once, in quantile(${percentile / 100}).`,
    )
  }
  return quantileBelow(context, measured, toMilliseconds(limit), {
    matcher,
    inUnits: (value) => value * unitMs,
    inWords: formatMilliseconds,
  })
}

export interface QuantileScale {
  matcher: string
  /** A value of the metric, in the unit of the limit. */
  inUnits(value: number): number
  inWords(value: number): string
}

/**
 * Whether a quantile is below a limit. The buckets tell for sure where the limit is at a bound or outside of the
 * quantile's bucket. Inside it, only an estimate would decide.
 *
 * @throws CHAOS_TOO_FEW_REQUESTS, CHAOS_LIMIT_WITHIN_BUCKET (inconclusive)
 */
export function quantileBelow(
  { isNot }: MatcherContext,
  measured: MeasuredQuantile,
  limit: number,
  { matcher, inUnits, inWords }: QuantileScale,
): MatcherResult {
  const { quantile, observations } = measured
  requireCounted(fewestToShow(1 - quantile), observations, measured, matcher)
  const above = inUnits(measured.above)
  const atMost = inUnits(measured.atMost)
  const name = `p${Number((quantile * 100).toPrecision(6))}`
  const place = Number.isFinite(atMost)
    ? `more than ${inWords(above)} and at most ${inWords(atMost)}`
    : `more than ${inWords(above)}, beyond the last bucket`
  if (above < limit && limit < atMost) {
    throw inconclusive(
      'CHAOS_LIMIT_WITHIN_BUCKET',
      `${matcher}: the ${name} of ${observations} observations is ${place}, and the limit of ${inWords(limit)} lies between: the buckets do not tell. Take a limit at which a bucket ends, or add a bucket that ends at ${inWords(limit)}.`,
    )
  }
  const finding = `expected the ${name} to be ${isNot ? 'at least' : 'below'} ${inWords(limit)}, and it was ${place} (${observations} observations)`
  return {
    pass: atMost <= limit,
    message: () => measurementDiagnosis(measured, finding),
    actual: inUnits(measured.value),
    expected: limit,
  }
}

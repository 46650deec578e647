import { isMeasuredQuantile, isMeasuredRatio, isMeasurement } from '../prometheus/index.ts'
import type { Duration, Ratio } from '../support/quantities.ts'
import { type BurnRateMatchers, burnRateMatchers } from './burn-rate.ts'
import { heldWithoutData } from './measured-evidence.ts'
import { latencyBelowMeasured } from './quantile.ts'
import { noErrorsMeasured, ratioBelow } from './ratio.ts'
import { type ServedMatchers, servedMatchers } from './served.ts'
import { trafficMatchers } from './traffic.ts'
import type { ErrorRateOptions, LatencyOptions, MatcherContext, MatcherResult } from './types.ts'

/** The matchers that are about either side's count: that of the users, and that of Prometheus. */
export const eitherSideMatchers = {
  toHaveNoErrors,
  toHaveErrorRateBelow,
  toHaveLatencyBelow,
  ...servedMatchers,
  ...burnRateMatchers,
}

export interface EitherSideMatchers<R = unknown> extends ServedMatchers<R>, BurnRateMatchers<R> {}

function toHaveNoErrors(this: MatcherContext, received: unknown): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  return isMeasurement(received) ? noErrorsMeasured(received) : trafficMatchers.toHaveNoErrors.call(this, received)
}

function toHaveErrorRateBelow(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  return isMeasuredRatio(received)
    ? ratioBelow(this, received, limit, options, 'toHaveErrorRateBelow')
    : trafficMatchers.toHaveErrorRateBelow.call(this, received, limit, options)
}

function toHaveLatencyBelow(
  this: MatcherContext,
  received: unknown,
  limit: Duration,
  options: LatencyOptions = {},
): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  return isMeasuredQuantile(received)
    ? latencyBelowMeasured(this, received, limit, options)
    : trafficMatchers.toHaveLatencyBelow.call(this, received, limit, options)
}

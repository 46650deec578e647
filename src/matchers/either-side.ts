import { isMeasuredRatio, isMeasurement } from '../prometheus/index.ts'
import type { Ratio } from '../support/quantities.ts'
import { noErrorsMeasured, ratioBelow } from './prometheus.ts'
import { type ErrorRateOptions, trafficMatchers } from './traffic.ts'
import type { MatcherContext, MatcherResult } from './types.ts'

/** The matchers that are about either side's count of errors: that of the users, and that of Prometheus. */
export const eitherSideMatchers = { toHaveNoErrors, toHaveErrorRateBelow }

function toHaveNoErrors(this: MatcherContext, received: unknown): MatcherResult {
  return isMeasurement(received) ? noErrorsMeasured(received) : trafficMatchers.toHaveNoErrors.call(this, received)
}

function toHaveErrorRateBelow(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  return isMeasuredRatio(received)
    ? ratioBelow(this, received, limit, options, 'toHaveErrorRateBelow')
    : trafficMatchers.toHaveErrorRateBelow.call(this, received, limit, options)
}

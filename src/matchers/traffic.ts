import { usageError } from '../support/errors.ts'
import {
  type Duration,
  formatFraction,
  formatMilliseconds,
  type Ratio,
  toFraction,
  toMilliseconds,
} from '../support/quantities.ts'
import { diagnosis, firstErrorOf, slowestOf } from './diagnosis.ts'
import {
  fewestToShow,
  observationOf,
  requireAtLeast,
  requireSameVerdictWithDropped,
  requireSent,
  shareBeyond,
} from './evidence.ts'
import type { ErrorRateOptions, LatencyOptions, MatcherContext, MatcherResult } from './types.ts'

/**
 * The matchers of what users saw. Each throws when there is nothing to say, also under `.not`:
 * CHAOS_NO_REQUESTS, CHAOS_TOO_FEW_REQUESTS, CHAOS_DROPPED_REQUESTS (inconclusive), CHAOS_NOT_AWAITED and
 * CHAOS_NOT_AN_OBSERVATION (failed).
 */
export interface TrafficMatchers<R = unknown> {
  /**
   * Every request of the users was answered as they expect.
   *
   * @example
   * expect(await users.for('2s')).toHaveNoErrors()
   */
  toHaveNoErrors(): R
  /**
   * The share of errors among the requests that were sent is below the limit. There is no verdict where the
   * dropped ones, had they been sent, could have changed it.
   *
   * @example
   * expect(observed).toHaveErrorRateBelow('1%')
   */
  toHaveErrorRateBelow(limit: Ratio, options?: ErrorRateOptions): R
  /**
   * That percentage of the requests ended sooner, counted from their planned time. It is about those that were answered,
   * whatever the status, and those that timed out.
   *
   * @example
   * expect(observed).toHaveLatencyBelow('300ms', { percentile: 99 })
   */
  toHaveLatencyBelow(limit: Duration, options?: LatencyOptions): R
}

export const trafficMatchers = { toHaveNoErrors, toHaveErrorRateBelow, toHaveLatencyBelow }

function toHaveNoErrors(this: MatcherContext, received: unknown): MatcherResult {
  const observed = observationOf(received, 'toHaveNoErrors')
  const { errors, sent, errorRate } = observed
  const pass = errors === 0
  if (pass) requireSent(observed, 'toHaveNoErrors')
  const finding = pass
    ? `expected errors, and all ${sent} requests were answered as users expect`
    : `expected no errors, and ${errors} of ${sent} requests failed (${formatFraction(errorRate)})`
  return {
    pass,
    message: () => diagnosis(observed, finding, firstErrorOf(observed)),
    actual: errors,
    expected: 0,
  }
}

function toHaveErrorRateBelow(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  const observed = observationOf(received, 'toHaveErrorRateBelow')
  const { errors, sent, errorRate } = observed
  const expected = toFraction(limit)
  if (expected === 0) {
    throw usageError(
      'CHAOS_BAD_RATIO',
      'toHaveErrorRateBelow: no error rate is below 0 %. To allow no errors at all, write toHaveNoErrors().',
    )
  }
  requireAtLeast(options.minRequests ?? fewestToShow(expected), sent, observed, 'toHaveErrorRateBelow')
  requireSameVerdictWithDropped(observed, expected, 'toHaveErrorRateBelow')
  const finding =
    `expected an error rate ${this.isNot ? 'of at least' : 'below'} ${formatFraction(expected)}, ` +
    `and ${errors} of ${sent} requests failed (${formatFraction(errorRate)})`
  return {
    pass: errorRate < expected,
    message: () => diagnosis(observed, finding, firstErrorOf(observed)),
    actual: errorRate,
    expected,
  }
}

function toHaveLatencyBelow(
  this: MatcherContext,
  received: unknown,
  limit: Duration,
  { percentile = 99 }: LatencyOptions = {},
): MatcherResult {
  const observed = observationOf(received, 'toHaveLatencyBelow')
  const expected = toMilliseconds(limit)
  requireAtLeast(fewestToShow(shareBeyond(percentile)), observed.timed, observed, 'toHaveLatencyBelow')
  const actual = observed.latencyMs(percentile)
  const pass = actual < expected
  if (pass) requireSent(observed, 'toHaveLatencyBelow')
  const finding =
    `expected the p${percentile} of the latency to be ${this.isNot ? 'at least' : 'below'} ${formatMilliseconds(expected)}, ` +
    `and it was ${formatMilliseconds(actual)}`
  return { pass, message: () => diagnosis(observed, finding, slowestOf(observed)), actual, expected }
}

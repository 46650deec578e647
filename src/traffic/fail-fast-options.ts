import { usageError } from '../support/errors.ts'
import { type Duration, fewestToShow, type Ratio, toFraction, toMilliseconds } from '../support/quantities.ts'
import type { FailFastPlan } from './fail-fast.ts'

/** When to give up. At least one of `errorRate` and `successRate` is given. */
export interface FailFastOptions {
  /** Give up when more than that share of the requests that ended within the window failed. */
  errorRate?: Ratio
  /** @default '5s' */
  window?: Duration
  /** With fewer requests in the window there is no verdict. @default those among which one error is the limit: 20 for `'5%'` */
  minRequests?: number
  /**
   * Give up when that share of successes cannot be reached any more, even if all the requests that are left succeed. It
   * needs to know the end: that of `for`, `atMost` of `during`, or what is left after the method. In an open loop only.
   */
  successRate?: Ratio
}

/** @throws CHAOS_BAD_RATIO, CHAOS_BAD_DURATION, CHAOS_BAD_OPTION (usage) */
export function failFastPlan({ errorRate, window = '5s', minRequests, successRate }: FailFastOptions): FailFastPlan {
  if (errorRate === undefined && successRate === undefined) {
    throw usageError('CHAOS_BAD_OPTION', "traffic: failFast needs errorRate: '5%' or successRate: '99%'.")
  }
  const windowMs = toMilliseconds(window)
  if (windowMs === 0) throw usageError('CHAOS_BAD_OPTION', 'traffic: the window of failFast must be more than 0.')
  const limit = errorRate === undefined ? undefined : toFraction(errorRate)
  return {
    ...(limit === undefined ? {} : { errorRate: { limit, windowMs, minRequests: minRequests ?? fewestToShow(limit) } }),
    ...(successRate === undefined ? {} : { successRate: toFraction(successRate) }),
  }
}

import type { Ratio } from '../support/quantities.ts'

/** What Vitest and Jest's `expect` give a matcher as `this`, as far as ours need it. */
export interface MatcherContext {
  /** Whether it was called as `expect(x).not.matcher()`. */
  readonly isNot?: boolean
}

/** What a matcher comes to, in the shape that Vitest and Jest's `expect` share. */
export interface MatcherResult {
  /** Whether it matches; `expect(x).not` inverts it. */
  pass: boolean
  /** Read only when the assertion failed. */
  message: () => string
  actual?: unknown
  expected?: unknown
}

export interface ErrorRateOptions {
  /** With fewer requests than that there is no verdict. @default those among which one error is the limit: 100 for `'1%'` */
  minRequests?: number
}

export interface LatencyOptions {
  /** The percentage of the requests, 0 to 100, that must be that fast. @default 99 */
  percentile?: number
}

export interface BurnRateOptions extends ErrorRateOptions {
  /** The service level objective whose error budget is burnt: `'99.9%'`. */
  slo: Ratio
}

export interface ServedOptions {
  /** The fewest requests that must have been answered well. */
  atLeast: number
}

/** `below`, or the opposite for `expect(x).not`. */
export function below({ isNot }: MatcherContext): string {
  return isNot ? 'of at least' : 'below'
}

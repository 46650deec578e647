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

/** When a share is large enough to be judged. */
export interface ErrorRateOptions {
  /** With fewer requests than that there is no verdict. @default those among which one error is the limit: 100 for `'1%'` */
  minRequests?: number
}

/** Of which requests a latency is asked for. */
export interface LatencyOptions {
  /** The percentage of the requests, 0 to 100, that must be that fast. @default 99 */
  percentile?: number
}

/** Whose error budget a burn rate is of. */
export interface BurnRateOptions extends ErrorRateOptions {
  /** The service level objective whose error budget is burnt: `'99.9%'`. */
  slo: Ratio
}

/** How many good answers are asked for. */
export interface ServedOptions {
  /** The fewest requests that must have been answered well. */
  atLeast: number
}

/** `below`, or the opposite for `expect(x).not`. */
export function below({ isNot }: MatcherContext): string {
  return isNot ? 'of at least' : 'below'
}

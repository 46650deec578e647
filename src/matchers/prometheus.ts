import { isMeasuredRatio, isMeasurement, type MeasuredRatio, type Measurement } from '../prometheus/index.ts'
import { ChaosError, inconclusive, usageError } from '../support/errors.ts'
import { formatFraction, type Ratio, toFraction } from '../support/quantities.ts'
import { fewestToShow, isThenable } from './evidence.ts'
import { measurementDiagnosis, shareInWords } from './measured.ts'
import type { ErrorRateOptions } from './traffic.ts'
import type { MatcherContext, MatcherResult } from './types.ts'

/**
 * The matchers of what Prometheus counted. Each throws when there is nothing to say, also under `.not`:
 * CHAOS_TOO_FEW_REQUESTS and CHAOS_NOT_A_NUMBER (inconclusive), CHAOS_NOT_AWAITED and CHAOS_NOT_A_MEASUREMENT (failed).
 */
export interface PrometheusMatchers<R = unknown> {
  /**
   * A share, an increase or a number is below the limit. A share needs enough requests: with fewer than
   * `minRequests`, by default as many as one error may be among (100 for `'1%'`), there is no verdict.
   *
   * @example
   * expect(await responses.during(observed).errorRate({ status_code: /5../ })).toBeBelow('1%')
   */
  toBeBelow(limit: Ratio, options?: ErrorRateOptions): R
}

export const prometheusMatchers = { toBeBelow }

function toBeBelow(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  if (isMeasuredRatio(received)) return ratioBelow(this, received, limit, options, 'toBeBelow')
  const value = isMeasurement(received) ? received.value : numberOf(received, 'toBeBelow')
  const expected = typeof limit === 'number' ? limit : toFraction(limit)
  const finding = `expected a value ${below(this)} ${limit}, and it was ${value}`
  return {
    pass: value < expected,
    message: () => (isMeasurement(received) ? measurementDiagnosis(received, finding) : finding),
    actual: value,
    expected,
  }
}

/** `toHaveErrorRateBelow` of a share that Prometheus counted, and `toBeBelow`. */
export function ratioBelow(
  context: MatcherContext,
  measured: MeasuredRatio,
  limit: Ratio,
  { minRequests }: ErrorRateOptions,
  matcher: string,
): MatcherResult {
  const expected = toFraction(limit)
  if (expected === 0) {
    throw usageError('CHAOS_BAD_RATIO', `${matcher}: no share is below 0 %. To allow none, write toHaveNoErrors().`)
  }
  requireRequests(minRequests ?? fewestToShow(expected), measured, matcher)
  const finding = `expected a share ${below(context)} ${formatFraction(expected)}, and it was ${shareInWords(measured)}`
  return {
    pass: measured.value < expected,
    message: () => measurementDiagnosis(measured, finding),
    actual: measured.value,
    expected,
  }
}

/** `toHaveNoErrors` of what Prometheus counted: a share, or the increase of a counter of errors. */
export function noErrorsMeasured(measured: Measurement): MatcherResult {
  const errors = isMeasuredRatio(measured) ? measured.numerator : measured.value
  const found = isMeasuredRatio(measured) ? shareInWords(measured) : String(errors)
  const finding =
    errors === 0 ? `expected errors, and there were ${found}` : `expected no errors, and there were ${found}`
  return {
    pass: errors === 0,
    message: () => measurementDiagnosis(measured, finding),
    actual: errors,
    expected: 0,
  }
}

function requireRequests(fewest: number, measured: MeasuredRatio, matcher: string): void {
  if (measured.denominator >= fewest) return
  throw inconclusive(
    'CHAOS_TOO_FEW_REQUESTS',
    `${matcher}: ${fewest} requests are the fewest that can show it, and Prometheus counted ${shareInWords(measured)} for ${measured.query}. Let users call for longer or more often, or write toHaveNoErrors().`,
  )
}

function numberOf(received: unknown, matcher: string): number {
  if (isThenable(received)) {
    throw new ChaosError(
      'CHAOS_NOT_AWAITED',
      `${matcher} was given a promise, which is not below anything. Await it first, as in expect(await responses.during(observed).errorRate({ … })).${matcher}('1%').`,
    )
  }
  if (typeof received !== 'number') {
    throw new ChaosError(
      'CHAOS_NOT_A_MEASUREMENT',
      `${matcher} is about a number, or about what Prometheus counted: what responses.during(…).errorRate(…) or .increase() resolves to. It was given ${received === null ? 'null' : `a value of type ${typeof received}`}.`,
    )
  }
  if (!Number.isNaN(received)) return received
  throw inconclusive('CHAOS_NOT_A_NUMBER', `${matcher} was given NaN, which is neither below nor above anything.`)
}

function below({ isNot }: MatcherContext): string {
  return isNot ? 'of at least' : 'below'
}

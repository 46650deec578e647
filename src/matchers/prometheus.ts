import {
  isMeasuredFraction,
  isMeasuredQuantile,
  isMeasuredRatio,
  isMeasurement,
  type MeasuredFraction,
  type SeriesValues,
  seriesValuesOf,
} from '../prometheus/index.ts'
import { formatFraction, formatMilliseconds, type Ratio, toFraction } from '../support/quantities.ts'
import { fewestToShow } from './evidence.ts'
import { measurementDiagnosis, seriesInWords } from './measured.ts'
import { heldWithoutData, notAMeasurement, numberOf, requireAwaited, requireCounted } from './measured-evidence.ts'
import { quantileBelow } from './quantile.ts'
import { ratioBelow } from './ratio.ts'
import { below, type ErrorRateOptions, type MatcherContext, type MatcherResult } from './types.ts'

/**
 * The matchers of what Prometheus counted. Each throws when there is nothing to say, also under `.not`:
 * CHAOS_TOO_FEW_REQUESTS, CHAOS_LIMIT_WITHIN_BUCKET and CHAOS_NOT_A_NUMBER (inconclusive), CHAOS_NOT_AWAITED and
 * CHAOS_NOT_A_MEASUREMENT (failed).
 */
export interface PrometheusMatchers<R = unknown> {
  /**
   * A share, an increase or a number is below the limit. A share needs enough requests: with fewer than
   * `minRequests`, by default as many as one error may be among (100 for `'1%'`), there is no verdict.
   *
   * @example
   * expect(await responses.during(observed).errorRate({ status_code: /^5/ })).toBeBelow('1%')
   */
  toBeBelow(limit: Ratio, options?: ErrorRateOptions): R
  /**
   * A gauge, or the course of a query, was below the limit at each of its samples.
   *
   * @example
   * expect(await prometheus.gauge('queue_length').during(observed).max()).toStayBelow(100)
   * expect(await prometheus.query('sum(queue_length)', { at: observed, every: '1s' })).toStayBelow(100)
   */
  toStayBelow(limit: Ratio): R
  /**
   * A share of the good ones, an increase or a number is at least that. A share needs enough requests: with fewer than
   * `minRequests`, by default as many as one bad one may be among (100 for `'99%'`), there is no verdict.
   *
   * @example
   * expect(await durations.during(observed).fractionBelow('300ms')).toBeAtLeast('99%')
   */
  toBeAtLeast(limit: Ratio, options?: ErrorRateOptions): R
}

export const prometheusMatchers = { toBeBelow, toStayBelow, toBeAtLeast }

function toBeBelow(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  if (isMeasuredRatio(received)) return ratioBelow(this, received, limit, options, 'toBeBelow')
  const expected = limitOf(limit)
  if (isMeasuredQuantile(received)) {
    const scale = { matcher: 'toBeBelow', inUnits: (value: number) => value, inWords: String }
    return quantileBelow(this, received, expected, scale)
  }
  const value = numberOf(received, 'toBeBelow')
  const finding = `expected a value ${below(this)} ${limit}, and it was ${value}`
  return { pass: value < expected, message: messageAbout(received, finding), actual: value, expected }
}

function toStayBelow(this: MatcherContext, received: unknown, limit: Ratio): MatcherResult {
  requireAwaited(received, 'toStayBelow')
  const held = heldWithoutData(this, received)
  if (held) return held
  const series = seriesValuesOf(received)
  if (!isMeasurement(received) || !series) throw notAMeasurement(received, 'toStayBelow')
  const expected = limitOf(limit)
  const highest = series.reduce((most, each) => (each.max > most.max ? each : most))
  const finding = this.isNot
    ? `expected it to reach ${limit}, and its highest value was ${inWords(highest, received.window)}`
    : `expected it to stay below ${limit}, and it was ${inWords(highest, received.window)}`
  return {
    pass: highest.max < expected,
    message: () => measurementDiagnosis(received, finding),
    actual: highest.max,
    expected,
  }
}

function toBeAtLeast(
  this: MatcherContext,
  received: unknown,
  limit: Ratio,
  options: ErrorRateOptions = {},
): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  if (isMeasuredFraction(received)) return fractionAtLeast(this, received, limit, options)
  const expected = limitOf(limit)
  const value = numberOf(received, 'toBeAtLeast')
  const finding = `expected a value ${this.isNot ? 'below' : 'of at least'} ${limit}, and it was ${value}`
  return { pass: value >= expected, message: messageAbout(received, finding), actual: value, expected }
}

function fractionAtLeast(
  { isNot }: MatcherContext,
  measured: MeasuredFraction,
  limit: Ratio,
  { minRequests }: ErrorRateOptions,
): MatcherResult {
  const expected = toFraction(limit)
  const { below: counted, observations, value } = measured
  requireCounted(minRequests ?? fewestToShow(1 - expected), observations, measured, 'toBeAtLeast')
  const share = `${counted} of ${observations} (${formatFraction(value)})`
  const finding = `expected a share ${isNot ? 'below' : 'of at least'} ${formatFraction(expected)}, and it was ${share}`
  return { pass: value >= expected, message: () => measurementDiagnosis(measured, finding), actual: value, expected }
}

function limitOf(limit: Ratio): number {
  return typeof limit === 'number' ? limit : toFraction(limit)
}

function messageAbout(received: unknown, finding: string): () => string {
  return () => (isMeasurement(received) ? measurementDiagnosis(received, finding) : finding)
}

function inWords(highest: SeriesValues, { startedAt }: { startedAt: number }): string {
  const when = Math.max(0, highest.maxAt - startedAt)
  return `${highest.max}, ${formatMilliseconds(when)} after the start (${seriesInWords(highest)})`
}

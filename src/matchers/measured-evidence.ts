import { isMeasurement, type Measurement } from '../prometheus/index.ts'
import { ChaosError, inconclusive } from '../support/errors.ts'
import { isThenable } from './evidence.ts'
import type { MatcherContext, MatcherResult } from './types.ts'

/**
 * The number that a matcher was given, by itself or as a measurement.
 *
 * @throws CHAOS_NOT_AWAITED, CHAOS_NOT_A_MEASUREMENT (failed), CHAOS_NOT_A_NUMBER (inconclusive)
 */
export function numberOf(received: unknown, matcher: string): number {
  const value = isMeasurement(received) ? received.value : received
  requireAwaited(value, matcher)
  if (typeof value !== 'number') throw notAMeasurement(value, matcher)
  if (!Number.isNaN(value)) return value
  throw inconclusive('CHAOS_NOT_A_NUMBER', `${matcher} was given NaN, which is neither below nor above anything.`)
}

/** @throws CHAOS_NOT_AWAITED (failed) */
export function requireAwaited(received: unknown, matcher: string): void {
  if (!isThenable(received)) return
  throw new ChaosError(
    'CHAOS_NOT_AWAITED',
    `${matcher} was given a promise, of which nothing can be said. Await it first, as in expect(await responses.during(observed).errorRate({ … })).${matcher}(…).`,
  )
}

export function notAMeasurement(received: unknown, matcher: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_A_MEASUREMENT',
    `${matcher} is about a number, or about what Prometheus counted: what responses.during(…).errorRate(…) or .increase() resolves to. It was given ${received === null ? 'null' : `a value of type ${typeof received}`}.`,
  )
}

/** @throws CHAOS_TOO_FEW_REQUESTS (inconclusive) */
export function requireCounted(fewest: number, counted: number, measured: Measurement, matcher: string): void {
  if (counted >= fewest) return
  throw inconclusive(
    'CHAOS_TOO_FEW_REQUESTS',
    `${matcher}: ${fewest} requests are the fewest that can show it, and Prometheus counted ${counted} for ${measured.query}. Let users call for longer or more often, or write toHaveNoErrors().`,
  )
}

/** Where there are no data and the spec says that this counts as held, it holds, also under `.not`. */
export function heldWithoutData(context: MatcherContext, received: unknown): MatcherResult | undefined {
  if (!isMeasurement(received) || received.noData === undefined) return undefined
  const { noData } = received
  return { pass: !context.isNot, message: () => noData }
}

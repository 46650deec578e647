import { ChaosError, inconclusive, usageError } from '../support/errors.ts'
import { formatFraction } from '../support/quantities.ts'
import { isObservation, type Observation } from '../traffic/index.ts'

export { fewestToShow } from '../support/quantities.ts'

/** Above this share of dropped requests, those that were sent do not stand for those that were planned. */
const toleratedDroppedShare = 0.01

/**
 * What users saw, if that is what the matcher was given.
 *
 * @throws CHAOS_NOT_AWAITED, CHAOS_NOT_AN_OBSERVATION, CHAOS_NO_REQUESTS (inconclusive)
 */
export function observationOf(received: unknown, matcher: string): Observation<unknown> {
  if (isThenable(received)) {
    throw new ChaosError(
      'CHAOS_NOT_AWAITED',
      `${matcher} was given a promise: the users are still calling. Await what they see first, as in expect(await users.for('2s')).${matcher}(…).`,
    )
  }
  if (!isObservation(received)) {
    throw new ChaosError(
      'CHAOS_NOT_AN_OBSERVATION',
      `${matcher} is about what users saw, which users.for(…) and users.during(…) resolve to. It was given ${kindOf(received)}.`,
    )
  }
  if (received.sent === 0) {
    throw inconclusive(
      'CHAOS_NO_REQUESTS',
      `${matcher}: no request was sent by ${received.name} (${received.counts.planned} planned, ${received.counts.dropped} dropped), so nothing can be said. Let them call for longer, or at a higher rate.`,
    )
  }
  return received
}

/** @throws CHAOS_TOO_FEW_REQUESTS (inconclusive) */
export function requireAtLeast(fewest: number, found: number, observed: Observation<unknown>, matcher: string): void {
  if (found >= fewest) return
  throw inconclusive(
    'CHAOS_TOO_FEW_REQUESTS',
    `${matcher} needs at least ${fewest} requests to tell, and ${observed.name} give it ${found}. Let them call for longer, or at a higher rate than ${observed.rate}.`,
  )
}

/** @throws CHAOS_DROPPED_REQUESTS (inconclusive) more requests were dropped than can be overlooked */
export function requireSent(observed: Observation<unknown>, matcher: string): void {
  if (observed.counts.dropped <= observed.counts.planned * toleratedDroppedShare) return
  throw droppedRequests(observed, matcher)
}

/** @throws CHAOS_DROPPED_REQUESTS (inconclusive) the dropped ones, had they been errors, would change the verdict */
export function requireSameVerdictWithDropped(observed: Observation<unknown>, limit: number, matcher: string): void {
  const { planned, failed, dropped } = observed.counts
  const isBelowAtBest = failed / planned < limit
  const isBelowAtWorst = (failed + dropped) / planned < limit
  if (isBelowAtBest !== isBelowAtWorst) throw droppedRequests(observed, matcher)
}

/** The share of the requests that are beyond the percentile. @throws CHAOS_BAD_PERCENTILE (usage) */
export function shareBeyond(percentile: number): number {
  if (percentile > 0 && percentile <= 100) return (100 - percentile) / 100
  throw usageError(
    'CHAOS_BAD_PERCENTILE',
    `A percentile is more than 0 and at most 100, and this one is ${percentile}.`,
  )
}

function droppedRequests(observed: Observation<unknown>, matcher: string): ChaosError {
  const { planned, dropped } = observed.counts
  return inconclusive(
    'CHAOS_DROPPED_REQUESTS',
    `${matcher}: ${dropped} of ${planned} requests of ${observed.name} (${formatFraction(dropped / planned)}) were dropped, as they could not be sent in time, so the others do not tell. Lower the rate, raise maxInFlight, or give this machine less to do.`,
  )
}

export function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'for' in value && 'during' in value
    ? 'the users themselves'
    : `an object of ${value.constructor?.name ?? 'no class'}`
}

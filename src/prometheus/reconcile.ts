import { currentSession } from '../session/session.ts'
import { count } from '../support/count.ts'
import { ChaosError, usageError } from '../support/errors.ts'
import { isMeasuredRatio, type MeasuredRatio } from './measurement.ts'
import type { ObservedWindow, UserCounts } from './windows.ts'

/** A window of which users kept books: what `users.for(…)` and `users.during(…)` resolve to. */
export interface CountedWindow extends ObservedWindow {
  readonly counts: UserCounts & { readonly outcomes: Readonly<Record<string, number>> }
}

export interface SideCounts {
  readonly requests: number
  readonly errors: number
}

/** What users counted, and what Prometheus counted of the same time. */
export interface Reconciliation {
  readonly users: SideCounts
  readonly counted: SideCounts
  /** Requests that failed for users and that no server counted as an error: refused, reset, or lost with their pod. */
  readonly lost: number
  /** Errors that servers counted and that these users did not see: of other callers, or mended by a retry. */
  readonly unseen: number
}

/**
 * Sets the users' count beside that of Prometheus. What users lost and no server counted is a finding of its own: a
 * rollout that drops connections looks perfect from the servers' side.
 *
 * @param counted the share of errors among the responses to these users, in the same window
 * @throws CHAOS_OTHER_WINDOW (usage), CHAOS_NOT_A_MEASUREMENT
 */
export function reconcile(observed: CountedWindow, counted: MeasuredRatio): Reconciliation {
  requireSameWindow(observed, counted)
  const { completed, failed, outcomes } = observed.counts
  const users = { requests: completed + failed, errors: failed }
  const servers = { requests: counted.denominator, errors: counted.numerator }
  const lost = Math.max(0, users.errors - servers.errors)
  const unseen = Math.max(0, servers.errors - users.errors)
  if (lost > 0) {
    currentSession().record({
      type: 'finding',
      title: `users lost ${count(lost, 'request')} that no server counted as an error`,
      data: { users: { ...users, outcomes }, prometheus: { ...servers, query: counted.query } },
    })
  }
  return { users, counted: servers, lost, unseen }
}

function requireSameWindow(observed: CountedWindow, counted: MeasuredRatio): void {
  if (!isMeasuredRatio(counted)) {
    throw new ChaosError(
      'CHAOS_NOT_A_MEASUREMENT',
      'reconcile needs the share of errors that Prometheus counted, as in prometheus.reconcile(observed, await responses.during(observed).errorRate({ … })). Was it awaited?',
    )
  }
  const { startedAt, endedAt } = counted.window
  if (observed.startedAt === startedAt && observed.endedAt === endedAt) return
  throw usageError(
    'CHAOS_OTHER_WINDOW',
    'reconcile was given what users saw and what Prometheus counted in another window. Count it during the same: responses.during(observed).',
  )
}

import type { TrafficSummary } from '../journal/events.ts'
import { type Clock, systemClock } from '../support/clock.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'

/** A time that is over. */
export interface TimeWindow {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds since the epoch. */
  readonly endedAt: number
}

/**
 * A time that is over, with what else is known of it: what users saw (`traffic`) is one, and so is any object with the
 * two moments.
 */
export interface ObservedWindow extends TimeWindow {
  /** What the users counted: it bounds what Prometheus could not see. */
  readonly counts?: UserCounts
  /** Its parts, one after the other. */
  readonly phases?: readonly WindowPhase[]
}

/** Requests that were sent: answered as users expect, and not. */
export type UserCounts = Pick<TrafficSummary, 'completed' | 'failed'>

export interface WindowPhase extends TimeWindow {
  readonly phase: string
}

export interface SettleOptions {
  /** The window goes on that long after the method, to see what it leaves behind. @default 0 */
  settle?: Duration
}

/** The window of a method, and what the method returned. */
export interface MethodWindow<Result> extends ObservedWindow {
  readonly phases: readonly WindowPhase[]
  readonly result: Result
}

/** The window from the start of the method to its end, and the time to settle after that. */
export async function windowOf<Result>(
  method: () => Promise<Result>,
  { settle = 0 }: SettleOptions = {},
  { signal, clock = systemClock }: { signal?: AbortSignal; clock?: Clock } = {},
): Promise<MethodWindow<Result>> {
  const settleMs = toMilliseconds(settle)
  const startedAt = clock.now()
  const result = await method()
  const methodEndedAt = clock.now()
  await clock.sleep(settleMs, signal)
  const endedAt = Math.max(clock.now(), methodEndedAt + settleMs)
  const phases = [
    { phase: 'method', startedAt, endedAt: methodEndedAt },
    ...(settleMs > 0 ? [{ phase: 'settle', startedAt: methodEndedAt, endedAt }] : []),
  ]
  return { startedAt, endedAt, phases, result }
}

/** The window from so long ago until now. */
export function lastWindow(duration: Duration, now = Date.now()): TimeWindow {
  return { startedAt: now - toMilliseconds(duration), endedAt: now }
}

import { setTimeout as delay } from 'node:timers/promises'

/** The time, where logic depends on it: injected, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after the time; rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await delay(milliseconds, undefined, signal ? { signal } : {})
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}

/** A clock for spans of time and deadlines: the time of day may jump, this one does not. Its `now()` is no date. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep: systemClock.sleep }

/** A time that never jumps, and alarms on it: injected, so that a test can play a stall. */
export interface TimeSource {
  /** Milliseconds since some moment in the past. */
  now(): number
  /**
   * Calls `wake` once, at the earliest after that time; returns what cancels it. After 0: as soon as what has arrived
   * meanwhile was looked at.
   */
  wakeAfter(milliseconds: number, wake: () => void): () => void
}

export const monotonicTime: TimeSource = {
  now: () => performance.now(),
  wakeAfter: (milliseconds, wake) => {
    if (milliseconds === 0) {
      const immediate = setImmediate(wake)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(wake, Math.ceil(milliseconds))
    return () => clearTimeout(timer)
  },
}

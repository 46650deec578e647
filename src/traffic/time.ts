/** A time that never jumps, and alarms on it: injected, so that a test can play a stall. */
export interface TimeSource {
  /** Milliseconds since some moment in the past. */
  now(): number
  /** Calls `wake` once, at the earliest after that time; returns what cancels it. */
  wakeAfter(milliseconds: number, wake: () => void): () => void
}

export const monotonicTime: TimeSource = {
  now: () => performance.now(),
  wakeAfter: (milliseconds, wake) => {
    const timer = setTimeout(wake, Math.ceil(milliseconds))
    return () => clearTimeout(timer)
  },
}

import type { LatencySummary } from '../../src/journal/events.ts'

/** What a client did, and what that cost it. */
export interface Measured {
  requests: number
  seconds: number
  cpuSeconds: number
  rssMegabytes: number
  /** Planned requests without an answer: on a machine that is too busy, an open loop finds it full. */
  unanswered?: number
  latenessMs?: LatencySummary
}

import type { ReadyCounts } from '../src/journal/events.ts'

/** What the progress of a rollout counts. */
export interface RolloutCounts {
  desired: number
  updated: number
  available: number
  unavailable: number
  old: number
}

/** The counts among the data of a progress; nothing where it is about something else. */
export function rolloutCounts(data: unknown): RolloutCounts | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const known: Partial<Record<string, unknown>> = { ...data }
  const number = (name: string) => (typeof known[name] === 'number' ? known[name] : Number.NaN)
  const counts = {
    desired: number('desired'),
    updated: number('updated'),
    available: number('available'),
    unavailable: number('unavailable'),
    old: number('old'),
  }
  return Object.values(counts).every(Number.isFinite) ? counts : undefined
}

/**
 * What the status of a workload tells where nobody could look at its pods: how many are available, and how many are old.
 * Old pods are taken to be ready as long as enough are available: a rolling update takes them away last.
 */
export function readyBy({ available, unavailable, old }: RolloutCounts): ReadyCounts {
  const before = Math.min(old, available)
  return { before, later: available - before, notReady: unavailable }
}

import { type EndedRequest, Ledger } from '../../src/traffic/ledger.ts'
import { Observation } from '../../src/traffic/observation.ts'
import type { SentOutcome } from '../../src/traffic/outcomes.ts'
import { spanOf } from '../traffic/plans.ts'

const STARTED_AT = Date.UTC(2026, 0, 1)

/** What users saw who sent one request each 100 ms: so many of each outcome, one kind after the other. */
export function observe(
  counts: Partial<Record<SentOutcome | 'dropped', number>>,
  latencyMs: (n: number) => number = () => 20,
  traceLink?: string,
  rate = '10/s',
): Observation {
  const outcomes = Object.entries(counts).flatMap(([outcome, count]) =>
    Array<SentOutcome | 'dropped'>(count).fill(outcome as SentOutcome | 'dropped'),
  )
  const ledger = new Ledger(STARTED_AT)
  for (const [n, outcome] of outcomes.entries()) ledger.enter(requestOf(outcome, n, latencyMs(n)))
  const endMs = outcomes.length * 100
  return new Observation(
    { name: 'users of service1', url: 'http://service1/', rate, traceLink },
    { startedAt: STARTED_AT, endedAt: STARTED_AT + endMs, ...ledger.close(endMs, outcomes.length) },
    undefined,
  )
}

function requestOf(outcome: SentOutcome | 'dropped', n: number, latencyMs: number): EndedRequest {
  const status = outcome.endsWith('xx') ? Number(outcome[0]) * 100 : undefined
  const plannedMs = n * 100
  return {
    outcome,
    completed: status !== undefined && status < 400,
    sequence: n,
    stage: 'waiting',
    pod: undefined,
    plannedMs,
    sentMs: plannedMs,
    endedMs: plannedMs + latencyMs,
    status,
    span: spanOf(`trace-${n}`),
    podsNow: outcome === 'refused' ? [{ name: 'web-1', phase: 'Running', state: 'terminating' }] : undefined,
  }
}

import type { TrafficState } from '../../src/journal/state.ts'
import { count } from '../../src/support/count.ts'
import { formatFraction, formatMilliseconds } from '../../src/support/quantities.ts'

/** What users of some traffic saw, as sentences; shares come with their counts. */
export function trafficSentences({ summary, outcomes, url, reachedBy }: TrafficState): string[] {
  const called = reachedBy === undefined ? url : `${url} (${reachedBy})`
  if (!summary)
    return [`${count(total(outcomes), 'request')} to ${called} before it was cut short: ${outcomeList(outcomes)}`]
  const { planned, completed, failed, dropped, latencyMs } = summary
  const sent = planned - dropped
  const counts = `${count(planned, 'request')} to ${called}: ${completed.toLocaleString('en-US')} answered`
  const failures = failed > 0 ? `, ${failed.toLocaleString('en-US')} failed (${outcomeList(failuresOf(outcomes))})` : ''
  const missing = dropped > 0 ? `, ${dropped.toLocaleString('en-US')} not sent in time` : ''
  const rate = sent > 0 ? `error rate ${formatFraction(failed / sent)}` : 'no error rate: nothing was sent'
  const latency = `p50 ${formatMilliseconds(latencyMs.p50)}, p99 ${formatMilliseconds(latencyMs.p99)}`
  return [`${counts}${failures}${missing}`, sent > 0 ? `${rate}, ${latency}` : rate]
}

/** Requests so far, and how many of them were no success, as far as their outcome tells. */
export function requestsSoFar(traffic: readonly TrafficState[]): { requests: number; errors: number } {
  let requests = 0
  let errors = 0
  for (const { outcomes } of traffic) {
    requests += total(outcomes)
    errors += total(outcomes) - (outcomes['2xx'] ?? 0) - (outcomes['3xx'] ?? 0)
  }
  return { requests, errors }
}

function total(outcomes: Readonly<Record<string, number>>): number {
  return Object.values(outcomes).reduce((sum, number) => sum + number, 0)
}

/** The outcomes that can be failures; all of them, where users expect other answers than a success. */
function failuresOf(outcomes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const { '2xx': _success, '3xx': _redirect, dropped: _dropped, ...failures } = outcomes
  return total(failures) > 0 ? failures : outcomes
}

/** `118 × 2xx, 3 × timeout`: the most frequent first. */
function outcomeList(outcomes: Readonly<Record<string, number>>): string {
  const counted = Object.entries(outcomes).filter(([, number]) => number > 0)
  const sorted = counted.sort(([, a], [, b]) => b - a)
  return sorted.map(([outcome, number]) => `${number.toLocaleString('en-US')} × ${outcome}`).join(', ') || 'none ended'
}

import { formatMilliseconds } from '../support/quantities.ts'
import { type Observation, podsInWords, type RequestExemplar } from '../traffic/index.ts'

/** A request to look at. */
export interface Example {
  /** What it is an example of: `first error`. */
  title: string
  /** Absent where there was no such request. */
  request: RequestExemplar | undefined
}

/** Why an assertion about users failed, as a person would sum it up: what was wanted, what was seen, where to look. */
export function diagnosis(observed: Observation<unknown>, finding: string, example: Example): string {
  const { name, url, rate, startedAt, endedAt } = observed
  const duration = formatMilliseconds(endedAt - startedAt)
  const load = /^\d+ users/.test(rate) ? `as ${rate}` : `at ${rate}`
  const calls = `${name} called ${url} ${load} for ${duration}: ${outcomesInWords(observed)}`
  return [finding, '', calls, ...exampleInWords(example, observed)].join('\n')
}

export function firstErrorOf(observed: Observation<unknown>): Example {
  return { title: 'first error', request: observed.firstErrors[0] }
}

export function slowestOf(observed: Observation<unknown>): Example {
  const requests = [...observed.slowest, ...observed.firstErrors].sort((a, b) => b.latencyMs - a.latencyMs)
  return { title: 'slowest', request: requests[0] }
}

/** `196 × 2xx, 3 × timeout, 1 × 5xx`: the most frequent first. */
function outcomesInWords({ counts }: Observation<unknown>): string {
  return Object.entries(counts.outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} × ${outcome}`)
    .join(', ')
}

function exampleInWords({ title, request }: Example, observed: Observation<unknown>): string[] {
  if (!request) return []
  const { outcome, status, plannedAt, latencyMs, traceId, pods } = request
  const what = status === undefined ? outcome : `${outcome} (status ${status})`
  const when = formatMilliseconds(plannedAt - observed.startedAt)
  const trace = observed.linkOf(request) ?? traceId
  return [
    `${title}: ${what} after ${formatMilliseconds(latencyMs)}, planned ${when} after the start, trace ${trace}`,
    ...(pods ? [`pods at that time: ${podsInWords(pods)}`] : []),
  ]
}

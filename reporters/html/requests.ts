import type { RequestExemplar } from '../../src/journal/events.ts'
import type { TrafficState } from '../../src/journal/state.ts'
import type { RequestView } from './view.ts'

/** The requests that traffic named as worth a look and of which the page has no trace. */
export function requestsWithoutSpans(traffic: readonly TrafficState[], traced: ReadonlySet<string>): RequestView[] {
  const exemplars = traffic.flatMap((each) => each.exemplars)
  return exemplars.filter(({ traceId }) => !traced.has(traceId)).map(requestView)
}

function requestView({ traceId, plannedAt, outcome, status, latencyMs }: RequestExemplar): RequestView {
  const failed = outcome !== '2xx' && outcome !== '3xx'
  return { traceId, at: plannedAt, outcome, latencyMs, failed, ...(status === undefined ? {} : { status }) }
}

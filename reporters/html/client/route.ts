import type { ReportView } from '../view.ts'
import type { Traces } from './data.ts'

export type Route = { kind: 'overview' } | { kind: 'hypothesis'; index: number; traceId?: string; spanId?: string }

/**
 * What an address shows: `#<hypothesis>`, `#trace-<id>` or `#span-<id>`, each a link that can be passed on. What is
 * unknown shows the overview.
 */
export async function routeOf(hash: string, view: ReportView, traces: () => Promise<Traces>): Promise<Route> {
  const index = view.hypotheses.findIndex(({ anchor }) => anchor === hash)
  if (index >= 0) return { kind: 'hypothesis', index }
  const [, kind, id] = /^(trace|span)-([0-9a-f]{1,32})$/.exec(hash) ?? []
  if (kind === undefined || id === undefined) return { kind: 'overview' }
  const known = await traces()
  const traceId = kind === 'trace' ? id : known.traceOfSpan(id)
  if (traceId === undefined) return { kind: 'overview' }
  const own = view.hypotheses.findIndex((hypothesis) => hypothesis.traceId === traceId)
  const owner = own >= 0 ? own : known.ownerOf(traceId)
  if (owner === undefined || owner < 0) return { kind: 'overview' }
  return { kind: 'hypothesis', index: owner, traceId, ...(kind === 'span' ? { spanId: id } : {}) }
}

import { BookKeeper, type RequestDraft, type SpanDraft, type TraceDraft } from './book-keeper.ts'
import { attributeOf, errorStatus, millisecondsOf, type OtlpSpan, type ResourceSpans, textOf } from './otlp.ts'
import type { TraceBook } from './trace-book.ts'
import type { TrafficView } from './view.ts'

/** Whom requests belong to: a hypothesis, by its trace and by its traffic. */
export interface RequestOwner {
  traceId: string
  traffic: readonly TrafficView[]
}

export interface KeptSpans {
  book: TraceBook
  kept: number
  total: number
}

/** A page with more opens slowly; all spans are in `traces.json`. */
const mostSpans = 20_000

/**
 * The spans of a run, and which of their traces are users' requests of which hypothesis.
 *
 * Where there are too many, those of hypotheses come first, then failed requests, the slowest, and the others.
 *
 * @param epochMs what the times of spans are counted from
 * @param owners the hypotheses in the order in which the page shows them
 */
export function keepSpans(
  epochMs: number,
  owners: readonly RequestOwner[],
  exports: readonly ResourceSpans[],
  most = mostSpans,
): KeptSpans {
  const keeper = new BookKeeper(epochMs)
  const traces = draftTraces(exports, keeper)
  const ids = new Set(owners.map(({ traceId }) => traceId))
  const requests = new Map(
    traces.flatMap((trace) => {
      const request = ids.has(trace.traceId) ? undefined : requestOf(trace, owners)
      return request ? [[trace, request] as const] : []
    }),
  )
  const rank = (trace: TraceDraft) => rankOf(requests.get(trace), ids.has(trace.traceId))
  const ranked = traces.map((trace) => ({ trace, rank: rank(trace) })).sort((a, b) => b.rank - a.rank)
  const total = traces.reduce((sum, { spans }) => sum + spans.length, 0)
  let kept = 0
  for (const { trace } of ranked) {
    if (kept + trace.spans.length > most) continue
    kept += trace.spans.length
    const index = keeper.trace(trace)
    const request = requests.get(trace)
    if (request) keeper.request(request, index)
  }
  return { book: keeper.book, kept, total }
}

function draftTraces(exports: readonly ResourceSpans[], keeper: BookKeeper): TraceDraft[] {
  const traces = new Map<string, SpanDraft[]>()
  for (const resourceSpans of exports) {
    const resource = keeper.resource(resourceSpans)
    for (const span of (resourceSpans.scopeSpans ?? []).flatMap(({ spans = [] }) => spans)) {
      const draft = { span, resource, startMs: millisecondsOf(span.startTimeUnixNano) }
      const known = traces.get(span.traceId)
      if (known) known.push(draft)
      else traces.set(span.traceId, [draft])
    }
  }
  return [...traces].map(([traceId, spans]) => ({ traceId, spans }))
}

/** The request that a trace is about, if it is one of our users'. */
function requestOf(trace: TraceDraft, owners: readonly RequestOwner[]): RequestDraft | undefined {
  const span = trace.spans.find((draft) => attributeOf(draft.span.attributes, 'chaos_test.outcome'))?.span
  if (!span) return undefined
  const text = (key: string) => textOf(attributeOf(span.attributes, key))
  const latencyMs = Number(text('chaos_test.latency_ms') || 0)
  // Latency counts from the planned time, which is not the span's start.
  const at = millisecondsOf(span.endTimeUnixNano) - latencyMs
  return {
    hypothesis: ownerOf(span, at, owners),
    trace,
    at,
    latencyMs,
    outcome: text('chaos_test.outcome'),
    status: Number(text('http.response.status_code') || 0),
    isFailed: span.status?.code === errorStatus,
  }
}

/** Two clocks of one machine may tell the same moment that much apart. */
const clockMs = 50

/** A hypothesis' requests are linked to its trace; those of hooks are known by their traffic and its time. */
function ownerOf({ links = [], attributes }: OtlpSpan, at: number, owners: readonly RequestOwner[]): number {
  const linked = owners.findIndex(({ traceId }) => links.some((link) => link.traceId === traceId))
  if (linked >= 0) return linked
  const url = textOf(attributeOf(attributes, 'url.full'))
  return owners.findIndex(({ traffic }) =>
    traffic.some((each) => {
      // Traffic of several streams calls several addresses.
      return each.url.split(', ').includes(url) && at >= each.from - clockMs && at <= each.to + clockMs
    }),
  )
}

function rankOf(request: RequestDraft | undefined, isHypothesis: boolean): number {
  if (isHypothesis) return Number.POSITIVE_INFINITY
  if (!request) return -1
  return (request.isFailed ? 1e9 : 0) + request.latencyMs
}

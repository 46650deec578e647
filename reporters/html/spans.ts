import type { HypothesisState, RunState } from '../../src/journal/state.ts'
import { BookKeeper, type RequestDraft, type SpanDraft, type TraceDraft } from './book-keeper.ts'
import { attributeOf, errorStatus, millisecondsOf, type ResourceSpans, textOf } from './otlp.ts'
import type { TraceBook } from './trace-book.ts'

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
 * @param hypotheses in the order in which the page shows them
 */
export function keepSpans(
  state: RunState,
  hypotheses: readonly HypothesisState[],
  exports: readonly ResourceSpans[],
  most = mostSpans,
): KeptSpans {
  const keeper = new BookKeeper(state.run?.startedAt ?? 0)
  const traces = draftTraces(exports, keeper)
  const ids = new Set(hypotheses.map(({ traceId }) => traceId))
  const requests = new Map(
    traces.flatMap((trace) => {
      const request = ids.has(trace.traceId) ? undefined : requestOf(trace, exports, hypotheses)
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
function requestOf(
  trace: TraceDraft,
  exports: readonly ResourceSpans[],
  hypotheses: readonly HypothesisState[],
): RequestDraft | undefined {
  const root = trace.spans.find(({ span }) => attributeOf(span.attributes, 'chaos_test.outcome'))
  if (!root) return undefined
  const { span, resource, startMs } = root
  const number = (key: string) => Number(textOf(attributeOf(span.attributes, key)) || 0)
  const latencyMs = number('chaos_test.latency_ms')
  const file = textOf(attributeOf(exports[resource]?.resource?.attributes, 'chaos_test.file'))
  return {
    hypothesis: ownerOf(file, startMs, hypotheses),
    trace,
    // Latency counts from the planned time, which is not the span's start.
    at: millisecondsOf(span.endTimeUnixNano) - latencyMs,
    latencyMs,
    outcome: textOf(attributeOf(span.attributes, 'chaos_test.outcome')),
    status: number('http.response.status_code'),
    isFailed: span.status?.code === errorStatus,
  }
}

/** What happened before a hypothesis and after the one before it (in its file's hooks) belongs to it. */
function ownerOf(file: string, at: number, hypotheses: readonly HypothesisState[]): number {
  return hypotheses.findIndex((hypothesis) => hypothesis.file === file && (hypothesis.outcome?.at ?? Infinity) >= at)
}

function rankOf(request: RequestDraft | undefined, isHypothesis: boolean): number {
  if (isHypothesis) return Number.POSITIVE_INFINITY
  if (!request) return -1
  return (request.isFailed ? 1e9 : 0) + request.latencyMs
}

import type { ResourceSpans, ScopeSpans, Span, TracesData } from './otlp.ts'

/** Where a span is from: what the spans of a group have in common. */
interface Origin {
  /** The same for the same origin. */
  key: string
  resource: Omit<ResourceSpans, 'scopeSpans'>
  scope: Omit<ScopeSpans, 'spans'>
}

interface StoredTrace {
  spans: { origin: Origin; span: Span }[]
  bytes: number
}

/**
 * Spans by trace, bounded by the size of their JSON: the trace that began first goes first.
 */
export class TraceStore {
  readonly #maxBytes: number
  readonly #traces = new Map<string, StoredTrace>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add({ resourceSpans }: TracesData): void {
    for (const { scopeSpans, ...resource } of resourceSpans) {
      for (const { spans, ...scope } of scopeSpans) {
        const origin = { key: JSON.stringify([resource, scope]), resource, scope }
        for (const span of spans) this.#addSpan(origin, span)
      }
    }
    this.#evict()
  }

  /** Of all traces. */
  all(): TracesData {
    return grouped([...this.#traces.values()])
  }

  /** Of one trace; undefined when there is no span of it. */
  trace(traceId: string): TracesData | undefined {
    const trace = this.#traces.get(traceId.toLowerCase())
    return trace && grouped([trace])
  }

  #addSpan(origin: Origin, span: Span): void {
    const trace = this.#traces.get(span.traceId) ?? { spans: [], bytes: 0 }
    const bytes = JSON.stringify(span).length
    trace.spans.push({ origin, span })
    trace.bytes += bytes
    this.#bytes += bytes
    this.#traces.set(span.traceId, trace)
  }

  #evict(): void {
    for (const [traceId, { bytes }] of this.#traces) {
      if (this.#bytes <= this.#maxBytes) return
      this.#traces.delete(traceId)
      this.#bytes -= bytes
    }
  }
}

/** Each origin is there once, with all of its spans. */
function grouped(traces: readonly StoredTrace[]): TracesData {
  const byOrigin = new Map<string, { origin: Origin; spans: Span[] }>()
  for (const { origin, span } of traces.flatMap((trace) => trace.spans)) {
    const group = byOrigin.get(origin.key) ?? { origin, spans: [] }
    group.spans.push(span)
    byOrigin.set(origin.key, group)
  }
  const resourceSpans = [...byOrigin.values()].map(({ origin: { resource, scope }, spans }) => ({
    ...resource,
    scopeSpans: [{ ...scope, spans }],
  }))
  return { resourceSpans }
}

import { type Tracer as OtelTracer, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { KeptRequests } from './kept-requests.ts'
import { type Propagator, traceHeaders } from './propagation.ts'
import { type RootedIds, rootSpanOf } from './request-ids.ts'
import type { RequestEnd, RequestSpan, SpanAttributes } from './tracer.ts'

export interface RequestSpansOptions {
  otel: OtelTracer
  /** Whose ids the tracer takes. */
  ids: RootedIds
  kept: KeptRequests
  /** How users' requests tell of their trace. */
  propagators: readonly Propagator[]
}

/** A request, as far as its span is not about its end. */
export interface StartedRequest {
  name: string
  attributes: SpanAttributes
  /** The span that it is linked to. */
  linkedTo: SpanContext | undefined
}

/**
 * The span of a users' request. It has its ids from the start, for the headers, and is made at the end, if it is one to
 * keep: of thousands of requests a second, hardly any is. One that is not kept then can be asked for later.
 */
export class RequestSpanToBe implements RequestSpan {
  readonly traceId: string
  readonly spanId: string
  readonly headers: readonly string[]
  readonly #options: RequestSpansOptions
  readonly #request: StartedRequest
  readonly #sampled: boolean
  readonly #startedAt = Date.now()
  readonly #startedMs = performance.now()
  /** How it ended, until its span is made. */
  #ended: { durationMs: number; outcome: RequestEnd } | undefined

  constructor(options: RequestSpansOptions, request: StartedRequest) {
    const { ids, kept, propagators } = options
    const traceId = ids.newTraceId()
    const { spanId } = rootSpanOf(traceId)
    this.traceId = traceId
    this.spanId = spanId
    this.#options = options
    this.#request = request
    this.#sampled = kept.takesFromStart(traceId)
    this.headers = traceHeaders({ traceId, spanId, sampled: this.#sampled }, propagators)
  }

  end(outcome: RequestEnd): void {
    const durationMs = performance.now() - this.#startedMs
    this.#ended = { durationMs, outcome }
    if (this.#sampled || this.#options.kept.takesAtEnd(durationMs, outcome)) this.keep()
  }

  keep(): void {
    if (!this.#ended) return
    const { durationMs, outcome } = this.#ended
    this.#ended = undefined
    this.#make(durationMs, outcome)
  }

  #make(durationMs: number, { latencyMs, attributes: own = {}, error }: RequestEnd): void {
    const { otel, ids } = this.#options
    const attributes: SpanAttributes = {
      ...own,
      ...(latencyMs === undefined ? {} : { 'chaos_test.latency_ms': latencyMs }),
    }
    const { name, linkedTo } = this.#request
    const options = {
      kind: SpanKind.CLIENT,
      attributes: { ...this.#request.attributes, 'user_agent.synthetic.type': 'test', ...attributes },
      links: linkedTo ? [{ context: linkedTo }] : [],
      startTime: this.#startedAt,
    }
    const span = ids.as(this, () => otel.startSpan(name, options, ROOT_CONTEXT))
    if (error !== undefined) {
      // By the semantic conventions: the status where there was an answer, else what went wrong.
      span.setAttribute('error.type', String(attributes['http.response.status_code'] ?? error))
      span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    }
    span.end(this.#startedAt + durationMs)
  }
}

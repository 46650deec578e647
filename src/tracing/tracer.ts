/**
 * What the rest of the framework knows of tracing. The OpenTelemetry SDK stays behind it (`provider.ts`), so that
 * another version of the SDK is a change to one file.
 */
export interface Tracer {
  /**
   * Runs `work` inside a span of the current trace, or of a trace of its own where there is none. A rejection marks
   * the span as an error and passes through.
   */
  span<T>(name: string, attributes: SpanAttributes, work: (span: TraceSpan) => Promise<T>): Promise<T>

  /**
   * Starts the span of one users' request: the root of its own trace, linked to the current span. The request may end
   * in any order, so it is ended by hand. Which of them are kept is decided by budgets: of thousands a second, hardly any.
   */
  startRequest(name: string, attributes: SpanAttributes): RequestSpan
}

export type SpanAttributes = Record<string, string | number | boolean>

/** A span, as whoever is not inside it knows it. */
export interface SpanReference {
  readonly traceId: string
  readonly spanId: string
}

export interface TraceSpan extends SpanReference {
  setAttributes(attributes: SpanAttributes): void
  addEvent(name: string, attributes?: SpanAttributes): void
  /** Refers to a span of another trace. A span refers to 128 others at the most. */
  addLink(to: SpanReference, attributes?: SpanAttributes): void
  /** Marks it as an error, although nothing is thrown. */
  fail(error: unknown): void
}

export interface RequestSpan {
  readonly traceId: string
  readonly spanId: string
  /** W3C and B3 headers: names and values in turn, as undici takes them. */
  readonly headers: readonly string[]
  end(outcome: RequestEnd): void
  /** Keeps the span of a request that has ended, whatever the budgets say: for the few that a journal or a report shows. */
  keep(): void
}

/** How a request has ended. */
export interface RequestEnd {
  /** From its planned time. */
  readonly latencyMs?: number
  /** An outcome such as `timeout-wait` marks it as failed. */
  readonly error?: string | undefined
  /** Only looked at if the span is kept: of thousands, hardly any is. */
  readonly attributes?: SpanAttributes
}

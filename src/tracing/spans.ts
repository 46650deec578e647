import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context,
  createTraceState,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { messageOf } from '../support/errors.ts'
import type { RemoteSpan } from './propagation.ts'
import { type RequestSpansOptions, RequestSpanToBe } from './request-span.ts'
import type { RequestSpan, SpanAttributes, SpanReference, Tracer, TraceSpan } from './tracer.ts'

export interface SpansOptions {
  /** The span of another process that spans without a current one belong to. */
  parent?: RemoteSpan
  /** How the spans of users' requests are made. */
  requests: RequestSpansOptions
}

/**
 * Our spans, over any tracer of OpenTelemetry. The current span is kept here and not in OpenTelemetry's global context:
 * that one belongs to the user's code and to Vitest.
 */
export class Spans implements Tracer {
  readonly #otel: OtelTracer
  readonly #parent: SpanContext | undefined
  readonly #requests: RequestSpansOptions
  readonly #current = new AsyncLocalStorage<SpanContext>()

  constructor(otel: OtelTracer, { parent, requests }: SpansOptions) {
    this.#otel = otel
    this.#requests = requests
    this.#parent = parent && contextOf(parent)
  }

  async span<T>(name: string, attributes: SpanAttributes, work: (span: TraceSpan) => Promise<T>): Promise<T> {
    const parent = this.#current.getStore() ?? surrounding() ?? this.#parent
    const around = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
    const span = this.#otel.startSpan(name, { attributes }, around)
    const running = new RunningSpan(span)
    try {
      return await this.#current.run(span.spanContext(), () => work(running))
    } catch (error) {
      running.fail(error)
      throw error
    } finally {
      span.end()
    }
  }

  startRequest(name: string, attributes: SpanAttributes): RequestSpan {
    return new RequestSpanToBe(this.#requests, { name, attributes, linkedTo: this.#current.getStore() })
  }
}

function contextOf({ traceId, spanId, traceState }: RemoteSpan): SpanContext {
  const state = traceState === undefined ? {} : { traceState: createTraceState(traceState) }
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true, ...state }
}

/** The span that somebody else's tracing is in: Vitest's own, where it is turned on. */
function surrounding(): SpanContext | undefined {
  return trace.getSpanContext(context.active())
}

class RunningSpan implements TraceSpan {
  readonly traceId: string
  readonly spanId: string
  readonly #span: Span

  constructor(span: Span) {
    this.#span = span
    this.traceId = span.spanContext().traceId
    this.spanId = span.spanContext().spanId
  }

  setAttributes(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes)
  }

  addEvent(name: string, attributes: SpanAttributes = {}): void {
    this.#span.addEvent(name, attributes)
  }

  addLink({ traceId, spanId }: SpanReference, attributes: SpanAttributes = {}): void {
    this.#span.addLink({ context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED }, attributes })
  }

  fail(error: unknown): void {
    this.#span.recordException(error instanceof Error ? error : String(error))
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
  }
}

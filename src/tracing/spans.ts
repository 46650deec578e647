import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context,
  createContextKey,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { messageOf } from '../support/errors.ts'
import { allPropagators, type Propagator, type RemoteSpan, traceHeaders } from './propagation.ts'
import type { RequestSpan, SpanAttributes, SpanReference, Tracer, TraceSpan } from './tracer.ts'

/** Marks the context that the span of a users' request starts in, for the sampler. */
export const usersRequest = createContextKey('the span of a users’ request')

const requestContext = ROOT_CONTEXT.setValue(usersRequest, true)

export interface SpansOptions {
  /** The span of another process that spans without a current one belong to. */
  parent?: RemoteSpan
  /** How users' requests tell of their trace. @default all that are known */
  propagators?: readonly Propagator[]
}

/**
 * Our spans, over any tracer of OpenTelemetry. The current span is kept here and not in OpenTelemetry's global context:
 * that one belongs to the user's code and to Vitest.
 */
export class Spans implements Tracer {
  readonly #otel: OtelTracer
  readonly #parent: SpanContext | undefined
  readonly #propagators: readonly Propagator[]
  readonly #current = new AsyncLocalStorage<SpanContext>()

  constructor(otel: OtelTracer, { parent, propagators = allPropagators }: SpansOptions = {}) {
    this.#otel = otel
    this.#propagators = propagators
    this.#parent = parent && { ...parent, traceFlags: TraceFlags.SAMPLED, isRemote: true }
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
    const current = this.#current.getStore()
    const options = {
      kind: SpanKind.CLIENT,
      attributes: { ...attributes, 'user_agent.synthetic.type': 'test' },
      links: current ? [{ context: current }] : [],
    }
    return new RunningRequest(this.#otel.startSpan(name, options, requestContext), this.#propagators)
  }
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

class RunningRequest implements RequestSpan {
  readonly traceId: string
  readonly spanId: string
  readonly headers: readonly string[]
  readonly #span: Span

  constructor(span: Span, propagators: readonly Propagator[]) {
    const { traceId, spanId, traceFlags } = span.spanContext()
    this.#span = span
    this.traceId = traceId
    this.spanId = spanId
    this.headers = traceHeaders({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }, propagators)
  }

  end({ attributes = {}, error }: { attributes?: SpanAttributes; error?: string }): void {
    this.#span.setAttributes(attributes)
    if (error !== undefined) {
      // By the semantic conventions: the status where there was an answer, else what went wrong.
      this.#span.setAttribute('error.type', String(attributes['http.response.status_code'] ?? error))
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    }
    this.#span.end()
  }
}

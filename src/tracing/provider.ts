import { type Context, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { within } from '../support/deadline.ts'
import { SecondlyBudget } from './budget.ts'
import type { RemoteSpan } from './propagation.ts'
import { RootedIds } from './request-ids.ts'
import { SlowestSpans } from './slowest.ts'
import { Spans, usersRequest } from './spans.ts'
import type { SpanAttributes, Tracer } from './tracer.ts'

// The one file that knows the OpenTelemetry SDK.

export interface TracingOptions {
  serviceName: string
  /** What all spans share: the run, the spec file. */
  attributes?: SpanAttributes
  /** Where spans are sent by OTLP/HTTP, as in `http://localhost:4318`; absent: nowhere. */
  endpoint?: string
  /** Gets the spans that have ended since it was last called: about twice a second, and when they are flushed. */
  onSpans?: (traces: OtlpTraces) => void
  /**
   * Of how many users' requests in a second the trace is kept. Of the others, those that failed or were slow are kept
   * as well, without the spans of the services behind them.
   *
   * @default 100
   */
  requestBudgetPerSecond?: number
  /** @default 1000 */
  slowRequestMs?: number
  /** The span of another process that ours belong to; absent: each outermost span starts a trace. */
  parent?: RemoteSpan | undefined
}

/** Spans as OTLP has them in JSON: `{"resourceSpans": […]}`. */
export interface OtlpTraces {
  resourceSpans: readonly unknown[]
}

export interface Tracing {
  readonly tracer: Tracer
  /** How many spans were lost: too many at once, or not taken by the endpoint. */
  readonly dropped: number
  /** Delivers what has ended so far. It takes a second at the most, and never rejects. */
  flush(): Promise<void>
  /** Delivers what has ended, and nothing after that. It takes a second at the most, and never rejects. */
  shutdown(): Promise<void>
}

/** How long an export, a flush or the shutdown may take: what a dead collector can cost a run. */
const exportBudgetMs = 1000
const deliverEveryMs = 500
const queueLimit = 10_000

/**
 * Tracing of our own: a private provider, registered nowhere, so that it meets neither the user's nor Vitest's. An
 * endpoint that is gone or hangs costs spans, which are counted, and nothing else.
 */
export function createTracing(options: TracingOptions): Tracing {
  const { endpoint, onSpans } = options
  const deliveries = [
    ...(endpoint === undefined ? [] : [new Delivery(toEndpoint(endpoint))]),
    ...(onSpans === undefined ? [] : [new Delivery(toCallback(onSpans))]),
  ]
  const kept = new KeptSpans(deliveries, options.slowRequestMs ?? 1000)
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName, ...options.attributes }),
    idGenerator: new RootedIds(),
    sampler: new RequestSampler(options.requestBudgetPerSecond ?? 100),
    spanProcessors: [kept],
  })
  return {
    tracer: new Spans(provider.getTracer(options.serviceName), options.parent),
    get dropped() {
      return deliveries.reduce((sum, delivery) => sum + delivery.dropped, 0)
    },
    flush: () => inTime(kept.forceFlush()),
    shutdown: () => inTime(kept.shutdown()),
  }
}

/** Samples every span, and of users' requests so many in a second. What is not sampled is recorded all the same. */
class RequestSampler implements Sampler {
  readonly #budget: SecondlyBudget

  constructor(perSecond: number) {
    this.#budget = new SecondlyBudget(perSecond)
  }

  shouldSample(context: Context) {
    const sampled = context.getValue(usersRequest) !== true || this.#budget.take()
    return { decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD }
  }
}

/** Passes on what was sampled, and what turned out to be worth it: errors and slow ones. */
class KeptSpans implements SpanProcessor {
  readonly #deliveries: readonly Delivery[]
  readonly #slowMs: number
  readonly #slowest = new SlowestSpans()

  constructor(deliveries: readonly Delivery[], slowMs: number) {
    this.#deliveries = deliveries
    this.#slowMs = slowMs
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const isAmongSlowest = this.#slowest.enter(span)
    if (isSampled(span)) this.#deliver(span)
    else if (isAmongSlowest || this.#isWorthKeeping(span)) this.#deliver(asSampled(span))
  }

  #deliver(span: ReadableSpan): void {
    for (const delivery of this.#deliveries) delivery.add(span)
  }

  #isWorthKeeping({ status, duration: [seconds, nanoseconds] }: ReadableSpan): boolean {
    return status.code === SpanStatusCode.ERROR || seconds * 1000 + nanoseconds / 1e6 >= this.#slowMs
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()))
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.shutdown()))
  }
}

function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
}

/** The same span, for a processor that passes on only what is sampled. */
function asSampled(span: ReadableSpan): ReadableSpan {
  const spanContext = { ...span.spanContext(), traceFlags: TraceFlags.SAMPLED }
  return Object.create(span, { spanContext: { value: () => spanContext } })
}

/** Hands spans on in batches, over a queue with a limit, and knows how many it lost. */
class Delivery {
  readonly #batches: BatchSpanProcessor
  readonly #exporter: SpanExporter
  #pending = 0
  #lost = 0
  #ended = false

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter
    this.#batches = new BatchSpanProcessor(
      {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.#pending -= spans.length
            if (result.code !== 0) this.#lost += spans.length
            done(result)
          }),
        shutdown: () => exporter.shutdown(),
      },
      { scheduledDelayMillis: deliverEveryMs, maxQueueSize: queueLimit },
    )
  }

  /** After the end, what has not arrived is lost too. */
  get dropped(): number {
    return this.#lost + (this.#ended ? this.#pending : 0)
  }

  add(span: ReadableSpan): void {
    if (this.#ended || this.#pending >= queueLimit) {
      this.#lost++
      return
    }
    this.#pending++
    this.#batches.onEnd(span)
  }

  async flush(): Promise<void> {
    await this.#batches.forceFlush()
    await this.#exporter.forceFlush?.()
  }

  async shutdown(): Promise<void> {
    this.#ended = true
    await this.#batches.shutdown()
  }
}

function toEndpoint(endpoint: string): SpanExporter {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  return new OTLPTraceExporter({ url, timeoutMillis: exportBudgetMs })
}

function toCallback(onSpans: (traces: OtlpTraces) => void): SpanExporter {
  return {
    export(spans, done) {
      try {
        onSpans(JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans))))
        done({ code: 0 })
      } catch (error) {
        done({ code: 1, error: error instanceof Error ? error : new Error(String(error)) })
      }
    },
    shutdown: async () => {},
  }
}

/** What cannot be delivered in time is lost, and counted: that is no reason to fail a run, or to hold it up. */
async function inTime(work: Promise<void>): Promise<void> {
  await within(
    exportBudgetMs,
    () => new Error('not delivered in time'),
    () => work,
  ).catch(() => {})
}

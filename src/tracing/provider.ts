import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import type { RedactOptions } from '../journal/redact.ts'
import type { TraceExports } from '../support/trace-exports.ts'
import { Deliveries } from './deliveries.ts'
import { Delivery, type SpanLoss } from './delivery.ts'
import { type Environment, requestRatioIn } from './environment.ts'
import { exportersFor } from './exporters.ts'
import { KeptRequests } from './kept-requests.ts'
import { propagatorsIn, type RemoteSpan } from './propagation.ts'
import { redactAttributes } from './redacted-span.ts'
import { RootedIds } from './request-ids.ts'
import { Spans } from './spans.ts'
import type { SpanAttributes, Tracer } from './tracer.ts'

export interface TracingOptions {
  serviceName: string
  /** What all spans share: the run, the spec file. */
  attributes?: SpanAttributes
  /** Where spans are sent. What it does not say, the environment may (`OTEL_…`). */
  exports?: TraceExports
  /** Gets the spans that have ended since it was last called: about twice a second, and when they are flushed. */
  onSpans?: (traces: OtlpTraces) => void
  /** The span of another process that ours belong to; absent: each outermost span starts a trace. */
  parent?: RemoteSpan | undefined
  /** What must not be in any span. */
  redaction?: RedactOptions
  /** @default none: what is asked for by the environment, its caller must hand over */
  env?: Environment
}

/** Spans as OTLP has them in JSON: `{"resourceSpans": […]}`. */
export interface OtlpTraces {
  resourceSpans: readonly unknown[]
}

export interface Tracing {
  readonly tracer: Tracer
  /** How many spans were lost: too many at once, or not taken where they were sent. */
  readonly dropped: number
  /** The same by where they were sent, if any were lost. */
  readonly losses: readonly SpanLoss[]
  /** Delivers what has ended so far. It takes a second at the most, and never rejects. */
  flush(): Promise<void>
  /** Delivers what has ended, and nothing after that. It takes a second at the most, and never rejects. */
  shutdown(): Promise<void>
}

const requestsPerSecond = 100
const slowRequestMs = 1000

/**
 * Tracing of our own: a private provider, registered nowhere, so that it meets neither the user's nor Vitest's. A
 * collector that is gone or hangs costs spans, which are counted, and nothing else.
 */
export function createTracing(options: TracingOptions): Tracing {
  const { exports = {}, onSpans, env = {} } = options
  const deliveries = [
    ...exportersFor(exports, env),
    ...(onSpans === undefined ? [] : [{ name: 'the folder of the run', exporter: toCallback(onSpans) }]),
  ].map((named) => new Delivery(named))
  const kept = new Deliveries(deliveries, options.redaction ?? {})
  const ids = new RootedIds()
  const provider = new NodeTracerProvider({
    resource: resourceOf(options.serviceName, options.attributes, options.redaction),
    idGenerator: ids,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [kept],
  })
  const otel = provider.getTracer(options.serviceName)
  const requests = {
    otel,
    ids,
    kept: new KeptRequests({
      ratio: requestRatioIn(env),
      perSecond: exports.requestsPerSecond ?? requestsPerSecond,
      slowMs: exports.slowRequestMs ?? slowRequestMs,
    }),
    propagators: propagatorsIn(env.OTEL_PROPAGATORS),
  }
  const losses = () => deliveries.map(({ loss }) => loss).filter(({ spans }) => spans > 0)
  return {
    tracer: new Spans(otel, { requests, ...(options.parent ? { parent: options.parent } : {}) }),
    get dropped() {
      return losses().reduce((sum, { spans }) => sum + spans, 0)
    },
    get losses() {
      return losses()
    },
    flush: () => kept.forceFlush(),
    shutdown: () => kept.shutdown(),
  }
}

/** Who sends the spans: what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say counts more. */
export function resourceOf(
  serviceName: string,
  attributes: SpanAttributes = {},
  redaction: RedactOptions = {},
): Resource {
  const own = resourceFromAttributes({ 'service.name': serviceName, ...attributes })
  const known = own.merge(detectResources({ detectors: [envDetector] }))
  return resourceFromAttributes(redactAttributes(known.attributes, redaction))
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

/**
 * Traces, through the OpenTelemetry API alone: without an SDK the spans record nothing, and the trace of the caller is
 * handed on all the same.
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { type Context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'

export interface Telemetry {
  /** Sends what has not been sent, and gives up soon. */
  stop(): Promise<void>
}

const noTelemetry: Telemetry = { stop: async () => {} }

const tracer = trace.getTracer('counter')

/**
 * Sends spans by OTLP/HTTP to where `OTEL_EXPORTER_OTLP_ENDPOINT` says. The service waits for nothing of it: it listens
 * before the SDK is loaded, and a collector that does not answer changes none of its answers.
 */
export function startTelemetry(service: { name: string; version: string }): Telemetry {
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [
        new W3CTraceContextPropagator(),
        new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
        new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
      ],
    }),
  )
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return noTelemetry

  const exporting = import('./exporting.ts')
    .then(({ startExporting }) => startExporting(service))
    .catch((error: unknown) => {
      console.error('no spans will be sent:', error)
      return noTelemetry
    })
  return { stop: async () => (await exporting).stop() }
}

/** Runs `work` in a span that continues the caller's trace. */
export function inServerSpan<T extends { status: number }>(
  name: string,
  request: IncomingMessage,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const caller = propagation.extract(ROOT_CONTEXT, request.headers)
  const attributes = { 'http.request.method': request.method ?? 'GET', 'url.path': request.url ?? '/' }
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, caller)
  return endingWith(span, async () => {
    const reply = await work(trace.setSpan(caller, span))
    span.setAttribute('http.response.status_code', reply.status)
    if (reply.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    return reply
  })
}

/** Runs `work` in a span that is part of the trace; the headers tell the asked service so. */
export function inClientSpan<T>(
  name: string,
  asked: { host: string; port: number; path: string },
  context: Context,
  work: (headers: OutgoingHttpHeaders) => Promise<T>,
): Promise<T> {
  const { host, port, path } = asked
  const attributes = {
    'http.request.method': 'GET',
    'server.address': host,
    'server.port': port,
    'url.full': `http://${host}:${port}${path}`,
  }
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, context)
  const headers: OutgoingHttpHeaders = {}
  propagation.inject(trace.setSpan(context, span), headers)
  return endingWith(span, () => work(headers))
}

async function endingWith<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    span.setStatus({ code: SpanStatusCode.ERROR, message })
    throw error
  } finally {
    span.end()
  }
}

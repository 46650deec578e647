import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, json } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { tracesFromProtobuf } from '../../src/lab/traces/otlp-protobuf.ts'
import type { OtlpTraces } from '../../src/tracing/provider.ts'

/** A span as OTLP has it in JSON. */
export interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  traceState?: string
  name: string
  kind: number
  startTimeUnixNano: string
  attributes: OtlpAttribute[]
  events: { name: string; attributes: OtlpAttribute[] }[]
  links: { traceId: string; spanId: string }[]
  status: { code: number; message?: string }
}

export interface OtlpAttribute {
  key: string
  value: Record<string, unknown>
}

interface ResourceSpans {
  resource: { attributes: OtlpAttribute[] }
  scopeSpans: { spans: OtlpSpan[] }[]
}

export const SpanKind = { INTERNAL: 1, SERVER: 2, CLIENT: 3 } as const
export const ERROR = 2

export function resourceSpansOf(traces: readonly OtlpTraces[]): ResourceSpans[] {
  return traces.flatMap(({ resourceSpans }) => resourceSpans as readonly ResourceSpans[])
}

export function spansOf(traces: readonly OtlpTraces[]): OtlpSpan[] {
  return resourceSpansOf(traces).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

export function attributesOf({ attributes }: { attributes: OtlpAttribute[] }): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}

/** Starts an HTTP server on a free port, ended with the test. */
export async function startServer(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

export interface Received {
  url: string
  traces: OtlpTraces[]
  requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[]
}

/** An OTLP/HTTP receiver, for JSON and for protobuf. */
export async function startReceiver(): Promise<Received> {
  const traces: OtlpTraces[] = []
  const requests: Received['requests'] = []
  const { url } = await startServer(async (request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers })
    const type = request.headers['content-type']
    if (type === 'application/json') traces.push((await json(request)) as OtlpTraces)
    else traces.push(tracesFromProtobuf(await buffer(request)))
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '')
  })
  return { url, traces, requests }
}

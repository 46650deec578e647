import { describe, expect, test } from 'vitest'
import type { OtlpTraces } from '../../src/tracing/provider.ts'
import { attributesOf, ERROR, type OtlpSpan, resourceSpansOf, startReceiver, startServer } from '../tracing/receiver.ts'
import { addressOf, fetchText, freePort, startBoth, startService } from './services.ts'

describe('traces', () => {
  test('go on through both services, whichever headers the caller has', async () => {
    const received = await startReceiver()
    const { service1 } = await startBoth({ otlpEndpoint: received.url })
    const spanId = 'b7ad6b7169203331'
    const callers: Record<string, (traceId: string) => Record<string, string>> = {
      '0af7651916cd43dd8448eb211c80319c': (traceId) => ({ traceparent: `00-${traceId}-${spanId}-01` }),
      '1af7651916cd43dd8448eb211c80319c': (traceId) => ({ b3: `${traceId}-${spanId}-1` }),
      '2af7651916cd43dd8448eb211c80319c': (traceId) => ({
        'x-b3-traceid': traceId,
        'x-b3-spanid': spanId,
        'x-b3-sampled': '1',
      }),
    }
    for (const [traceId, headersOf] of Object.entries(callers)) {
      // The services do not wait for their telemetry: what they answered before it was there has no spans.
      await expect
        .poll(async () => {
          await fetchText(service1.url, headersOf(traceId))
          return chainsOf(received.traces, traceId)
        })
        .toContain(`${spanId} → service1 fetch-counter → service1 ask service2 → service2 next-count`)
    }
    const answered = spansByService(received.traces).find(({ span }) => span.name === 'fetch-counter')
    expect(answered && attributesOf(answered.span)).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
    })
  })

  test('show which service failed', async () => {
    const received = await startReceiver()
    const env = { ...addressOf({ port: await freePort() }), OTEL_EXPORTER_OTLP_ENDPOINT: received.url }
    const service1 = await startService('service1', env)
    await expect
      .poll(async () => {
        await fetchText(service1.url)
        return spansByService(received.traces).map(({ span }) => [span.name, span.status.code])
      })
      .toEqual(
        expect.arrayContaining([
          ['ask service2', ERROR],
          ['fetch-counter', ERROR],
        ]),
      )
  })

  test('are handed on without a collector, too', async () => {
    let seen: NodeJS.Dict<string | string[]> = {}
    const { url } = await startServer((request, response) => {
      seen = request.headers
      response.end('{"last":7}')
    })
    const service1 = await startService('service1', addressOf({ port: Number(new URL(url).port) }))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await fetchText(service1.url, { traceparent })
    expect(seen).toMatchObject({
      traceparent,
      b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1',
      'x-b3-traceid': '0af7651916cd43dd8448eb211c80319c',
    })
  })
})

interface ServiceSpan {
  service: unknown
  span: OtlpSpan
}

function spansByService(traces: readonly OtlpTraces[]): ServiceSpan[] {
  return resourceSpansOf(traces).flatMap(({ resource, scopeSpans }) => {
    const service = attributesOf(resource)['service.name']
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ service, span })))
  })
}

/** Each `next-count` of a trace, after the spans that it belongs to. */
function chainsOf(traces: readonly OtlpTraces[], traceId: string): string[] {
  const spans = spansByService(traces).filter(({ span }) => span.traceId === traceId)
  const chain = ({ service, span }: ServiceSpan): string => {
    const parent = spans.find((candidate) => candidate.span.spanId === span.parentSpanId)
    return `${parent ? chain(parent) : span.parentSpanId} → ${service} ${span.name}`
  }
  return spans.filter(({ span }) => span.name === 'next-count').map(chain)
}

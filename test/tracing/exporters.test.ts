import { json } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { TraceExports } from '../../src/support/trace-exports.ts'
import { exportersFor } from '../../src/tracing/exporters.ts'
import { createTracing, type TracingOptions } from '../../src/tracing/provider.ts'
import { attributesOf, resourceSpansOf, spansOf, startReceiver, startServer } from './receiver.ts'

const names = (...asked: Parameters<typeof exportersFor>) => exportersFor(...asked).map(({ name }) => name)

describe('where spans go', () => {
  const otlp = { endpoint: 'http://collector:4318/' }

  test.each([
    ['nowhere, where nothing is said', {}, {}, []],
    ['where the config says', { otlp }, {}, ['http://collector:4318/v1/traces']],
    [
      'where the environment says',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318' },
      ['http://env:4318/v1/traces'],
    ],
    [
      'to the endpoint of traces as it stands',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://env/spans' },
      ['http://env/spans'],
    ],
    [
      'first where the config says',
      { otlp },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318' },
      ['http://collector:4318/v1/traces'],
    ],
    [
      'to Zipkin beside it',
      { otlp, zipkinUrl: 'http://zipkin:9411/api/v2/spans' },
      {},
      ['http://collector:4318/v1/traces', 'http://zipkin:9411/api/v2/spans'],
    ],
    [
      'to the default places of the exporters that are asked for',
      {},
      { OTEL_TRACES_EXPORTER: 'otlp, zipkin' },
      ['http://localhost:4318/v1/traces', 'http://localhost:9411/api/v2/spans'],
    ],
    ['nowhere, when exports are off', { otlp }, { OTEL_TRACES_EXPORTER: 'none' }, []],
    ['nowhere, when the SDK is off', { otlp }, { OTEL_SDK_DISABLED: 'true' }, []],
    [
      'without what lets us in by name',
      { otlp: { endpoint: 'https://me:secret@host/otlp?key=secret' } },
      {},
      ['https://host/otlp'],
    ],
  ])('%s', (_, settings, env, expected) => {
    expect(names(settings, env)).toEqual(expected)
  })
})

function tracingTo(exports: TraceExports, options: Partial<TracingOptions> = {}) {
  return createTracing({ serviceName: 'chaos-test', exports, ...options })
}

describe('a collector', () => {
  test.each(['http/json', 'http/protobuf', undefined] as const)('gets the spans by %s', async (protocol) => {
    const received = await startReceiver()
    const tracing = tracingTo(
      { otlp: { endpoint: `${received.url}/`, headers: { 'x-key': 'k' }, ...(protocol ? { protocol } : {}) } },
      { attributes: { 'chaos_test.run.id': 'r1' } },
    )
    await tracing.tracer.span('hypothesis', {}, async () => {})
    await tracing.shutdown()
    const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
    expect(received.requests).toMatchObject([
      { method: 'POST', url: '/v1/traces', headers: { 'content-type': contentType, 'x-key': 'k' } },
    ])
    expect(spansOf(received.traces).map(({ name }) => name)).toEqual(['hypothesis'])
    const [first] = resourceSpansOf(received.traces)
    expect(first && attributesOf(first.resource)).toMatchObject({
      'service.name': 'chaos-test',
      'chaos_test.run.id': 'r1',
    })
    expect(tracing.losses).toEqual([])
  })

  test('of Zipkin gets them in its format', async () => {
    const bodies: unknown[] = []
    const { url } = await startServer(async (request, response) => {
      bodies.push(await json(request))
      response.writeHead(202).end()
    })
    const tracing = tracingTo({ zipkinUrl: `${url}/api/v2/spans` })
    const ids = await tracing.tracer.span('hypothesis', { n: 1 }, async ({ traceId, spanId }) => ({ traceId, spanId }))
    await tracing.shutdown()
    expect(bodies).toMatchObject([
      [{ traceId: ids.traceId, id: ids.spanId, name: 'hypothesis', localEndpoint: { serviceName: 'chaos-test' } }],
    ])
  })

  test('may be dead: spans are lost and counted, and nothing else happens', async () => {
    const { url, server } = await startServer(() => {})
    await new Promise((resolve) => server.close(resolve))
    const tracing = tracingTo({ otlp: { endpoint: url } })
    await tracing.tracer.span('hypothesis', {}, async () => {})
    await tracing.shutdown()
    expect(tracing.losses).toEqual([expect.objectContaining({ to: `${url}/v1/traces`, spans: 1 })])
  })

  test('may hang: the end is held up by no more than the budget', async () => {
    const { url } = await startServer(() => {})
    const tracing = tracingTo({ otlp: { endpoint: url } })
    for (let n = 0; n < 3; n++) await tracing.tracer.span('hypothesis', {}, async () => {})
    const before = performance.now()
    await tracing.shutdown()
    expect(performance.now() - before).toBeLessThan(3000)
    expect(tracing.dropped).toBe(3)
  })

  test('that has been silent for a second by the end holds it up no longer', async () => {
    const { url } = await startServer(() => {})
    const tracing = tracingTo({ otlp: { endpoint: url } })
    await tracing.tracer.span('hypothesis', {}, async () => {})
    await tracing.flush()
    await tracing.tracer.span('hypothesis', {}, async () => {})
    const before = performance.now()
    await tracing.shutdown()
    expect(performance.now() - before).toBeLessThan(900)
    expect(tracing.dropped).toBe(2)
  })

  test('may refuse the spans, and is quoted', async () => {
    const { url } = await startServer((_, response) => response.writeHead(400, 'Bad Request').end())
    const tracing = tracingTo({ otlp: { endpoint: url } })
    await tracing.tracer.span('hypothesis', {}, async () => {})
    await tracing.flush()
    expect(tracing.losses).toMatchObject([{ spans: 1, reason: expect.stringContaining('Bad Request') }])
    await tracing.shutdown()
  })

  test('gets no more than the queue holds; the rest is counted', async () => {
    const { url } = await startServer(() => {})
    const tracing = tracingTo({ otlp: { endpoint: url }, requestsPerSecond: Number.POSITIVE_INFINITY })
    for (let n = 0; n < 10_003; n++) tracing.tracer.startRequest('GET /', {}).end({})
    expect(tracing.dropped).toBe(3)
    await tracing.shutdown()
    expect(tracing.dropped).toBe(10_003)
  })

  test('that fails takes no span from another', async () => {
    const received = await startReceiver()
    const { url } = await startServer((_, response) => response.writeHead(500).end())
    const tracing = tracingTo({ otlp: { endpoint: received.url }, zipkinUrl: url })
    await tracing.tracer.span('hypothesis', {}, async () => {})
    await tracing.shutdown()
    expect(spansOf(received.traces)).toHaveLength(1)
    expect(tracing.losses).toMatchObject([{ spans: 1 }])
  })
})

import { gzipSync } from 'node:zlib'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { request } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTraceReceiver, type TraceReceiver } from '../../../src/lab/traces/index.ts'

let receiver: TraceReceiver

beforeEach(async () => {
  receiver = await startTraceReceiver({ host: '127.0.0.1', port: 0, maxBytes: 20_000 })
})

afterEach(() => receiver.stop())

async function send(body: string | Buffer, headers: Record<string, string> = {}) {
  const { statusCode, body: answer } = await request(`${receiver.url}/api/v2/spans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { statusCode, text: await answer.text() }
}

async function received(): Promise<{ resourceSpans: unknown[] }> {
  const { body } = await request(`${receiver.url}/v1/traces`)
  return (await body.json()) as { resourceSpans: unknown[] }
}

it('takes what an exporter of Zipkin sends', async () => {
  const exporter = new ZipkinExporter({ url: `${receiver.url}/api/v2/spans` })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'service1' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const span = provider.getTracer('counter').startSpan('fetch-counter', { kind: SpanKind.SERVER, attributes: { n: 1 } })
  span.addEvent('retry')
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer' })
  span.end()
  await provider.forceFlush()

  const { traceId, spanId } = span.spanContext()
  const { resourceSpans } = await received()
  expect(resourceSpans).toMatchObject([
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'service1' } }] },
      scopeSpans: [
        {
          spans: [
            {
              ...{ traceId, spanId, name: 'fetch-counter', kind: 2 },
              status: { code: 2, message: 'no answer' },
              events: [{ name: 'retry' }],
              attributes: expect.arrayContaining([{ key: 'n', value: { stringValue: '1' } }]),
            },
          ],
        },
      ],
    },
  ])
})

it('takes short trace ids and gzip', async () => {
  const span = { traceId: '00000000000000ab', id: '00000000000000cd', timestamp: 1_700_000_000_000_000, duration: 1500 }
  expect(await send(gzipSync(JSON.stringify([span])), { 'content-encoding': 'gzip' })).toMatchObject({
    statusCode: 202,
  })
  expect(await received()).toMatchObject({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                ...{ traceId: '000000000000000000000000000000ab', spanId: '00000000000000cd', kind: 1 },
                ...{ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000001500000' },
              },
            ],
          },
        ],
      },
    ],
  })
})

it.each([
  ['no JSON', '{'],
  ['no list', '{}'],
  ['a span without an id', '[{ "traceId": "00000000000000ab" }]'],
  ['a time that is none', '[{ "traceId": "00000000000000ab", "id": "00000000000000cd", "timestamp": "now" }]'],
])('refuses %s', async (_, body) => {
  const { statusCode, text } = await send(body)
  expect(statusCode).toBe(400)
  expect(JSON.parse(text).message).not.toBe('')
})

it('keeps no more than it has room for: the trace that began first goes', async () => {
  for (let n = 1; n <= 40; n++) {
    const id = n.toString(16).padStart(16, '0')
    const span = { traceId: id, id, name: 'x'.repeat(800) }
    expect(await send(JSON.stringify([span]))).toMatchObject({ statusCode: 202 })
  }
  const text = JSON.stringify(await received())
  expect(text.length).toBeLessThan(30_000)
  expect(text).toContain('0000000000000028')
  expect(text).not.toContain('"traceId":"00000000000000000000000000000001"')
})

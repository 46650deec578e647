import { gzipSync } from 'node:zlib'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTraceReceiver, type TraceReceiver } from '../../../src/lab/traces/index.ts'
import { tracesFromJson } from '../../../src/lab/traces/otlp.ts'
import { tracesFromProtobuf } from '../../../src/lab/traces/otlp-protobuf.ts'

let receiver: TraceReceiver

beforeEach(async () => {
  receiver = await startTraceReceiver({ host: '127.0.0.1', port: 0, maxBytes: 20_000 })
})

afterEach(() => receiver.stop())

/** Spans as the SDK makes them, with everything that a span can have. */
function spansOfEveryKind(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'service1' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('counter', '1.2.3')
  const linked = tracer.startSpan('linked')
  const parent = tracer.startSpan('fetch-counter', {
    kind: SpanKind.SERVER,
    links: [{ context: linked.spanContext(), attributes: { why: 'a test' } }],
    attributes: {
      text: 'ünïcode',
      yes: true,
      no: false,
      count: 42,
      negative: -42,
      large: 2 ** 40,
      double: 0.1,
      list: ['a', 'b'],
      numbers: [1, -2.5],
    },
  })
  parent.addEvent('retry', { attempt: 2 })
  const child = tracer.startSpan('next-count', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, parent))
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'timeout' })
  for (const span of [child, parent, linked]) span.end()
  return exporter.getFinishedSpans()
}

async function post(body: Buffer | string, headers: Record<string, string>, path = '/v1/traces') {
  const answer = await request(receiver.url + path, { method: 'POST', body, headers })
  return { status: answer.statusCode, type: answer.headers['content-type'], text: await answer.body.text() }
}

async function get(path: string) {
  const { statusCode, body } = await request(receiver.url + path)
  return {
    status: statusCode,
    body: (await body.json()) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] },
  }
}

const namesIn = (traces: Awaited<ReturnType<typeof get>>['body']) =>
  traces.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)))

const json = { 'content-type': 'application/json' }
const protobuf = { 'content-type': 'application/x-protobuf' }

function jsonOf(spans: ReadableSpan[]): string {
  return Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString()
}

function protobufOf(spans: ReadableSpan[]): Buffer {
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? [])
}

describe('spans', () => {
  it('are the same in JSON and in protobuf', () => {
    const spans = spansOfEveryKind()
    expect(plain(tracesFromProtobuf(protobufOf(spans)))).toEqual(plain(tracesFromJson(jsonOf(spans))))
  })

  it.each([
    ['JSON', () => jsonOf(spansOfEveryKind()), json],
    [
      'JSON with a character set',
      () => jsonOf(spansOfEveryKind()),
      { 'content-type': 'application/json; charset=utf-8' },
    ],
    ['gzipped JSON', () => gzipSync(jsonOf(spansOfEveryKind())), { ...json, 'content-encoding': 'gzip' }],
    ['protobuf', () => protobufOf(spansOfEveryKind()), protobuf],
    ['gzipped protobuf', () => gzipSync(protobufOf(spansOfEveryKind())), { ...protobuf, 'content-encoding': 'gzip' }],
  ])('are taken as %s, and given back', async (_, body, headers) => {
    const answer = await post(body(), headers)
    expect(answer).toMatchObject({ status: 200, type: headers['content-type'].split(';')[0] })
    const { body: held } = await get('/v1/traces')
    expect(namesIn(held).sort()).toEqual(['fetch-counter', 'linked', 'next-count'])
  })

  it('of one trace are found by its id', async () => {
    const spans = spansOfEveryKind()
    await post(jsonOf(spans), json)
    const { traceId } = spans[0]?.spanContext() ?? { traceId: '' }
    expect(namesIn((await get(`/v1/traces/${traceId.toUpperCase()}`)).body)).toEqual(['next-count', 'fetch-counter'])
    expect((await get(`/v1/traces/${'0'.repeat(32)}`)).status).toBe(404)
  })

  it('of the same origin stand together, whoever sent them when', async () => {
    for (let i = 0; i < 3; i++) await post(jsonOf(spansOfEveryKind()), json)
    const { body } = await get('/v1/traces')
    expect(body.resourceSpans).toHaveLength(1)
    expect(body.resourceSpans[0]).toMatchObject({
      resource: { attributes: expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'service1' } }]) },
      scopeSpans: [{ scope: { name: 'counter', version: '1.2.3' } }],
    })
  })

  it('are kept up to a size: the oldest traces go', async () => {
    for (let i = 0; i < 40; i++) await post(traceOf(i), json)
    const { body } = await get('/v1/traces')
    expect(namesIn(body).at(-1)).toBe('span-39')
    expect(namesIn(body)).not.toContain('span-0')
    expect(namesIn(body).length).toBeGreaterThan(10)
    expect(JSON.stringify(body).length).toBeLessThan(21_000)
  })
})

describe('what is refused', () => {
  it.each([
    ['no JSON', 'nonsense', json, 400, 'the body is not JSON'],
    ['no list', '{"resourceSpans":{}}', json, 400, 'resourceSpans must be a list'],
    [
      'a span without an id',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}',
      json,
      400,
      'traceId must be 32',
    ],
    ['no protobuf', Buffer.from([0x0a, 0xff]), protobuf, 400, 'the message ends within a field'],
    ['a protobuf of something else', Buffer.from([0x08, 0x01]), protobuf, 400, 'a number stands where'],
    ['no gzip', 'nonsense', { ...json, 'content-encoding': 'gzip' }, 400, 'the body is not gzip'],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415, 'application/x-protobuf'],
    ['too much', ' '.repeat(4 * 1024 * 1024 + 1), json, 413, 'larger than 4 MiB'],
  ])('%s', async (_, body, headers, status, message) => {
    const answer = await post(body, headers)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text).message).toContain(message)
  })

  it('another path', async () => {
    expect((await get('/v1/spans')).status).toBe(404)
  })
})

it('takes metrics and logs, and drops them', async () => {
  for (const path of ['/v1/metrics', '/v1/logs']) {
    expect(await post('anything', protobuf, path)).toMatchObject({ status: 200, text: '' })
    expect(await post('{}', json, path)).toMatchObject({ status: 200, text: '{}' })
  }
  expect((await get('/v1/traces')).body).toEqual({ resourceSpans: [] })
})

/** Empty lists and defaults are on the wire of JSON and not on that of protobuf; numbers of 64 bits are text or not. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, field) => {
    if (key === 'intValue') return Number(field)
    if (Array.isArray(field) && field.length === 0) return undefined
    return field === 0 || field === '' ? undefined : field
  })
}

function traceOf(i: number): string {
  const id = i.toString(16).padStart(32, '0')
  const span = {
    traceId: id,
    spanId: id.slice(16),
    name: `span-${i}`,
    attributes: [{ key: 'filler', value: 'x'.repeat(900) }],
  }
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
}

import { context, propagation, trace } from '@opentelemetry/api'
import { request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { remoteSpanIn } from '../../src/tracing/propagation.ts'
import { createTracing, type OtlpTraces, type TracingOptions } from '../../src/tracing/provider.ts'
import { rootSpanOf } from '../../src/tracing/request-ids.ts'
import { attributesOf, ERROR, type OtlpSpan, SpanKind, spansOf, startServer } from './receiver.ts'

/** What every users' request says of itself. */
const synthetic = { 'user_agent.synthetic.type': 'test' }

/** Tracing whose spans can be read as soon as they are flushed. */
function tracingInMemory(options: Partial<TracingOptions> = {}) {
  const traces: OtlpTraces[] = []
  const tracing = createTracing({ serviceName: 'chaos-test', onSpans: (ended) => traces.push(ended), ...options })
  onTestFinished(() => tracing.shutdown())
  return {
    ...tracing,
    tracing,
    spans: async (): Promise<OtlpSpan[]> => {
      await tracing.flush()
      return spansOf(traces)
    },
    span: async (name: string): Promise<OtlpSpan> => {
      await tracing.flush()
      const span = spansOf(traces).find((candidate) => candidate.name === name)
      if (!span) throw new Error(`There is no span "${name}" among ${spansOf(traces).map((other) => other.name)}.`)
      return span
    },
  }
}

describe('spans', () => {
  test('nest by who calls whom, in one trace', async () => {
    const { tracer, span } = tracingInMemory()
    const result = await tracer.span('hypothesis', { 'test.case.name': 'h' }, (outer) =>
      tracer.span('method', {}, async (inner) => {
        expect(inner.traceId).toBe(outer.traceId)
        return 42
      }),
    )
    expect(result).toBe(42)
    const [outer, inner] = [await span('hypothesis'), await span('method')]
    expect(outer.parentSpanId).toBeUndefined()
    expect(inner).toMatchObject({ traceId: outer.traceId, parentSpanId: outer.spanId, kind: SpanKind.INTERNAL })
    expect(attributesOf(outer)).toEqual({ 'test.case.name': 'h' })
  })

  test('that run at the same time each keep their own children', async () => {
    const { tracer, spans } = tracingInMemory()
    const bothRun = Promise.withResolvers<void>()
    let running = 0
    const outer = (name: string) =>
      tracer.span(name, {}, async () => {
        if (++running === 2) bothRun.resolve()
        await bothRun.promise
        await tracer.span(`child of ${name}`, {}, async () => {})
      })
    await Promise.all([outer('a'), outer('b')])
    const byName = new Map((await spans()).map((span) => [span.name, span]))
    for (const name of ['a', 'b']) {
      expect(byName.get(`child of ${name}`)?.parentSpanId).toBe(byName.get(name)?.spanId)
    }
    expect(byName.get('a')?.traceId).not.toBe(byName.get('b')?.traceId)
  })

  test('are marked by the error that ends them, which passes through', async () => {
    const { tracer, span } = tracingInMemory()
    const broken = new Error('the deployment is gone')
    const failing = tracer.span('hypothesis', {}, () =>
      tracer.span('action', {}, async () => {
        throw broken
      }),
    )
    await expect(failing).rejects.toBe(broken)
    for (const name of ['action', 'hypothesis']) {
      const { status, events } = await span(name)
      expect(status).toEqual({ code: ERROR, message: 'the deployment is gone' })
      expect(events.map((event) => event.name)).toEqual(['exception'])
    }
  })

  test('take attributes and events while they run', async () => {
    const { tracer, span } = tracingInMemory()
    await tracer.span('action', {}, async (running) => {
      running.setAttributes({ 'chaos_test.verdict': 'held', attempts: 2 })
      running.addEvent('rollout progressed', { available: 1 })
    })
    const action = await span('action')
    expect(attributesOf(action)).toEqual({ 'chaos_test.verdict': 'held', attempts: 2 })
    expect(action.events.map((event) => [event.name, attributesOf(event)])).toEqual([
      ['rollout progressed', { available: 1 }],
    ])
  })

  test('belong to the span of another process where one is named', async () => {
    const parent = remoteSpanIn({ TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })
    const { tracer, span } = tracingInMemory({ parent })
    await tracer.span('hypothesis', {}, () => tracer.span('method', {}, async () => {}))
    const [outer, inner] = [await span('hypothesis'), await span('method')]
    expect(outer).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    })
    expect(inner.parentSpanId).toBe(outer.spanId)
  })

  test('leave the global state of OpenTelemetry alone', async () => {
    const { tracer } = tracingInMemory()
    await tracer.span('ours', {}, async () => {
      expect(trace.getSpan(context.active())).toBeUndefined()
      expect(propagation.fields()).toEqual([])
      expect(trace.getTracer('somebody else').startSpan('theirs').isRecording()).toBe(false)
    })
  })
})

describe("users' requests", () => {
  test('have a trace of their own, linked to the current span', async () => {
    const { tracer, span } = tracingInMemory()
    await tracer.span('method', {}, async () => {
      const users = tracer.startRequest('GET /', { 'http.request.method': 'GET' })
      users.end({ attributes: { 'http.response.status_code': 200 } })
    })
    const [method, users] = [await span('method'), await span('GET /')]
    expect(users.traceId).not.toBe(method.traceId)
    expect(users.parentSpanId).toBeUndefined()
    expect(users.kind).toBe(SpanKind.CLIENT)
    expect(users.links).toMatchObject([{ traceId: method.traceId, spanId: method.spanId }])
    expect(attributesOf(users)).toEqual({
      ...synthetic,
      'http.request.method': 'GET',
      'http.response.status_code': 200,
    })
    expect(users.status.code).not.toBe(ERROR)
  })

  test('stay out of the trace that other processes are part of', async () => {
    const parent = remoteSpanIn({ TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })
    const { tracer } = tracingInMemory({ parent })
    expect(tracer.startRequest('GET /', {}).traceId).not.toBe(parent?.traceId)
  })

  test('may end in any order', async () => {
    const { tracer, spans } = tracingInMemory()
    const requests = ['first', 'second', 'third'].map((name) => tracer.startRequest(name, {}))
    for (const running of requests.toReversed()) running.end({})
    expect((await spans()).map(({ name }) => name)).toEqual(['third', 'second', 'first'])
  })

  test('are marked by how they failed', async () => {
    const { tracer, span } = tracingInMemory()
    tracer.startRequest('GET /', {}).end({ error: 'timeout' })
    const failed = await span('GET /')
    expect(failed.status).toEqual({ code: ERROR, message: 'timeout' })
    expect(attributesOf(failed)).toEqual({ ...synthetic, 'error.type': 'timeout' })
  })

  test('tell the service their trace, by W3C and by B3', async () => {
    const { tracer } = tracingInMemory()
    let seen: NodeJS.Dict<string | string[]> = {}
    const { url } = await startServer((incoming, response) => {
      seen = incoming.headers
      response.end()
    })
    const users = tracer.startRequest('GET /', {})
    await (await request(url, { headers: [...users.headers] })).body.dump()
    users.end({})
    const { traceId, spanId } = users
    expect(seen).toMatchObject({
      traceparent: `00-${traceId}-${spanId}-01`,
      b3: `${traceId}-${spanId}-1`,
      'x-b3-traceid': traceId,
      'x-b3-spanid': spanId,
      'x-b3-sampled': '1',
    })
  })

  test('tell only by the ways that OTEL_PROPAGATORS names', async () => {
    const namesOf = (propagators: string) => {
      const { tracer } = tracingInMemory({ env: { OTEL_PROPAGATORS: propagators } })
      return tracer.startRequest('GET /', {}).headers.filter((_, index) => index % 2 === 0)
    }
    expect(namesOf('tracecontext,baggage')).toEqual(['traceparent'])
    expect(namesOf('b3multi, b3')).toEqual(['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'])
    expect(namesOf('none')).toEqual([])
  })

  test('are found by their trace alone', async () => {
    const { tracer, span } = tracingInMemory()
    const users = tracer.startRequest('GET /', {})
    users.end({})
    await tracer.span('hypothesis', {}, async (running) => running.addLink(rootSpanOf(users.traceId), { n: 1 }))
    const [linked] = (await span('hypothesis')).links
    expect(linked).toMatchObject({ traceId: users.traceId, spanId: (await span('GET /')).spanId })
  })

  test('beyond the budget are not sampled, and kept when they fail or are slow', async () => {
    const { tracer, spans } = tracingInMemory({ exports: { requestsPerSecond: 0, slowRequestMs: 30 } })
    const slow = tracer.startRequest('slow', {})
    expect(slow.headers).toContain(`00-${slow.traceId}-${slow.spanId}-00`)
    expect(slow.headers).toContain(`${slow.traceId}-${slow.spanId}-0`)
    tracer.startRequest('quick', {}).end({})
    tracer.startRequest('failed', {}).end({ error: '500' })
    await tracer.span('is no request', {}, async () => {})
    await expect.poll(() => performance.now()).toBeGreaterThan(performance.now() + 30)
    slow.end({})
    expect((await spans()).map(({ name }) => name).toSorted()).toEqual(['failed', 'is no request', 'slow'])
  })

  test('that fail or are slow are kept beyond the budget, a hundred a second at the most', async () => {
    const { tracer, spans } = tracingInMemory({ exports: { requestsPerSecond: 0, slowRequestMs: 0 } })
    const startedAt = Date.now()
    for (let n = 0; n < 2500; n += 1) tracer.startRequest('failed', {}).end({ error: 'refused' })
    for (let n = 0; n < 2500; n += 1) tracer.startRequest('slow', {}).end({})
    const seconds = Math.floor(Date.now() / 1000) - Math.floor(startedAt / 1000) + 1
    const kept = (await spans()).length
    expect(kept).toBeGreaterThanOrEqual(100)
    expect(kept).toBeLessThanOrEqual(100 * seconds)
  })

  test('can be asked for when they have ended, each once', async () => {
    const { tracer, spans } = tracingInMemory({ exports: { requestsPerSecond: 0 } })
    const [asked, , underWay] = ['asked', 'forgotten', 'under way'].map((name) => tracer.startRequest(name, {}))
    asked?.end({ latencyMs: 7 })
    asked?.keep()
    asked?.keep()
    underWay?.keep()
    const kept = await spans()
    expect(kept).toMatchObject([{ name: 'asked', traceId: asked?.traceId, spanId: asked?.spanId }])
    expect(kept.map((span) => attributesOf(span)['chaos_test.latency_ms'])).toEqual([7])
  })
})

test('of users’ requests, the part is sampled that OTEL_TRACES_SAMPLER names; those that fail are kept', async () => {
  for (const [env, least, most] of [
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 150, 350],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, 1000, 1000],
  ] as const) {
    const { tracer, spans } = tracingInMemory({ env, exports: { requestsPerSecond: 1000 } })
    const requests = Array.from({ length: 1000 }, () => tracer.startRequest('GET /', {}))
    const sampled = requests.filter(({ headers }) => headers[1]?.endsWith('-01')).length
    expect(sampled).toBeGreaterThanOrEqual(least)
    expect(sampled).toBeLessThanOrEqual(most)
    requests[0]?.end({ error: '500' })
    expect(await spans()).toHaveLength(1)
  }
})

test('a callback that throws costs spans and no more', async () => {
  const tracing = createTracing({
    serviceName: 'chaos-test',
    onSpans: () => {
      throw new Error('disk full')
    },
  })
  await tracing.tracer.span('hypothesis', {}, async () => {})
  await tracing.shutdown()
  expect(tracing.dropped).toBe(1)
})

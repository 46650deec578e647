import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { type OnNoData, prometheus } from '../../src/prometheus/index.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { openSession, type Session } from '../../src/session/session.ts'
import { createTracing, type OtlpTraces } from '../../src/tracing/provider.ts'
import { type SampleServer, START, serveSamples } from './prometheus-api.ts'

const window = { startedAt: START + 10_500, endedAt: START + 20_500 }
const traces: OtlpTraces[] = []
const tracing = createTracing({ serviceName: 'test', onSpans: (spans) => traces.push(spans) })

let server: SampleServer
let events: EventBody[]
let session: Session

beforeAll(async () => {
  server = await serveSamples()
  const target = { job: 'pods', instance: 'a:80', version: 'v1' }
  const rising = Array.from({ length: 30 }, (_, i) => i)
  server.write(
    { ...target, __name__: 'up' },
    0,
    rising.map(() => 1),
  )
  server.write({ ...target, __name__: 'responses_total', code: '200' }, 0, rising)
  server.write({ ...target, __name__: 'responses_total', code: '500' }, 0, rising)
  server.write(
    { ...target, __name__: 'counter' },
    0,
    rising.map((i) => i % 15),
  )
  for (const [le, step] of [
    ['0.1', 0],
    ['0.3', 1],
    ['+Inf', 2],
  ] as const) {
    server.write(
      { ...target, __name__: 'took_seconds_bucket', le },
      0,
      rising.map((i) => i * step),
    )
  }
})

beforeEach(() => {
  events = []
  session = {
    target: { kind: 'lab', name: 'lab', kubeconfig: '', context: '', namespace: 'default' },
    safety: { ...defaultSafety, namespaces: ['*'] },
    prometheusUrl: server.client.url,
    record: (event) => events.push(event),
    perform: (_undo, _description, action) => action(),
    tracer: tracing.tracer,
    signal: () => new AbortController().signal,
    until: (_signal, work) => work(),
    atEnd: () => undefined,
    guardMethods: () => () => undefined,
  }
  openSession(session)
})

afterAll(async () => {
  await tracing.shutdown()
  await server.close()
})

describe('a spec', () => {
  const responses = prometheus.counter('responses_total', { version: 'v1' })
  const query = 'responses_total{version="v1"}'

  it('reads the share of errors, and the journal has it', async () => {
    const measured = await responses.during(window).errorRate({ code: /^5..$/ })
    expect(measured).toMatchObject({ numerator: 11, denominator: 22, value: 0.5, window })
    expect(events).toEqual([
      {
        type: 'prometheus-read',
        query: `responses_total{version="v1",code=~"5.."} / ${query}`,
        from: window.startedAt,
        to: window.endedAt,
        result: '11 of 22 (50 %)',
        value: 0.5,
        series: ['200', '500'].map((code) => ({
          labels: expect.objectContaining({ __name__: 'responses_total', code }),
          // From the last sample before the window to the first after it: times since its start, and values.
          samples: Array.from({ length: 12 }, (_, index) => [index * 1000 - 500, 10 + index]),
        })),
      },
    ])
  })

  it('reads an increase, also by a label', async () => {
    expect(await responses.during(window).increase()).toMatchObject({ value: 22, query })
    const increases = await responses.during(window).by('code').increase()
    expect([...increases].map(([code, { value }]) => [code, value])).toEqual([
      ['200', 11],
      ['500', 11],
    ])
    const shares = await responses.during(window).by('code').errorRate({ code: '500' })
    expect([...shares].map(([code, { value }]) => [code, value])).toEqual([
      ['200', 0],
      ['500', 1],
    ])
  })

  it('reads the values of a gauge, and where it went back', async () => {
    const counter = prometheus.gauge('counter').during(window)
    expect(await counter.resets()).toEqual([expect.objectContaining({ from: 14, to: 0, at: START + 15_000 })])
    expect(await counter.values()).toEqual([expect.objectContaining({ min: 0, max: 14 })])
    expect(events.map((event) => event.type === 'prometheus-read' && event.result)).toEqual([
      'it went back once',
      'counter{instance="a:80", job="pods", version="v1"}: 10 to 6',
    ])
  })

  it('reads one number of a gauge', async () => {
    const counter = prometheus.gauge('counter').during(window)
    expect(await counter.min()).toMatchObject({ value: 0, query: 'min_over_time(counter)' })
    expect((await counter.max()).value).toBe(14)
    expect((await counter.last()).value).toBe(6)
    expect(await counter.changes()).toHaveLength(11)
    expect(events.at(-1)).toMatchObject({ result: 'it changed 11 times', value: 11 })
  })

  it('reads quantiles and shares of a histogram', async () => {
    const took = prometheus.histogram('took_seconds').during(window)
    expect(await took.quantile(0.5)).toMatchObject({ above: 0.1, atMost: 0.3, observations: 22, unitMs: 1000 })
    expect(await took.fractionBelow('300ms')).toMatchObject({ below: 11, observations: 22, value: 0.5 })
    expect(events).toMatchObject([
      { query: 'histogram_quantile(0.5, took_seconds_bucket)', result: '0.3 (more than 0.1, at most 0.3)', value: 0.3 },
      { query: 'took_seconds_bucket{le="0.3"} / took_seconds_bucket', result: '11 of 22 (50 %)' },
    ])
    await expect(took.quantile(99)).rejects.toMatchObject({ code: 'CHAOS_BAD_QUANTILE' })
    await expect(took.fractionBelow('250ms')).rejects.toMatchObject({
      code: 'CHAOS_PROMETHEUS_NO_SUCH_BUCKET',
      message: expect.stringContaining('There are: 0.1, 0.3'),
    })
  })

  it('says what it means that there are no data', async () => {
    const none = (onNoData: OnNoData) => prometheus.counter('no_such_total').during(window, { within: 0, onNoData })
    expect(await none('held').errorRate({ code: /^5/ })).toMatchObject({
      noData: expect.stringContaining('has no data for no_such_total'),
      denominator: 0,
    })
    expect(events).toMatchObject([{ value: null, result: expect.stringMatching(/^no data, which counts as held: /) }])
    await expect(none('deviated').increase()).rejects.toMatchObject({
      code: 'CHAOS_PROMETHEUS_NO_DATA',
      verdict: 'deviated',
    })
    expect(await prometheus.gauge('nothing').during(window, { within: 0, onNoData: 'held' }).resets()).toEqual([])
    const short = { startedAt: START + 10_000, endedAt: START + 11_000 }
    const doubtful = prometheus.counter('responses_total').during(short, { onNoData: 'held' })
    await expect(doubtful.increase()).rejects.toMatchObject({ code: 'CHAOS_PROMETHEUS_SHORT_WINDOW' })
  })

  it('finds what users lost and no server counted', async () => {
    const counted = await responses.during(window).errorRate({ code: /^5/ })
    const observed = (completed: number, failed: number) => ({
      ...window,
      counts: { completed, failed, outcomes: { '2xx': completed, '5xx': 11, refused: failed - 11 } },
    })
    expect(prometheus.reconcile(observed(11, 14), counted)).toEqual({
      users: { requests: 25, errors: 14 },
      counted: { requests: 22, errors: 11 },
      lost: 3,
      unseen: 0,
    })
    expect(events.at(-1)).toMatchObject({
      type: 'finding',
      title: 'users lost 3 requests that no server counted as an error',
      data: { users: { outcomes: { refused: 3 } }, prometheus: { query: counted.query } },
    })
    expect(prometheus.reconcile(observed(13, 9), counted)).toMatchObject({ lost: 0, unseen: 2 })
    expect(events.filter(({ type }) => type === 'finding')).toHaveLength(1)
    const another = { ...observed(11, 14), startedAt: window.startedAt - 1 }
    expect(() => prometheus.reconcile(another, counted)).toThrow(
      expect.objectContaining({ code: 'CHAOS_OTHER_WINDOW' }),
    )
    const unawaited = Promise.resolve(counted) as unknown as typeof counted
    expect(() => prometheus.reconcile(observed(11, 14), unawaited)).toThrow('Was it awaited?')
  })

  it('gives a measurement its trace, with a link where there is a template', async () => {
    const { trace } = await responses.during(window).increase()
    expect(trace).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/) })
    openSession({ ...session, traceLink: 'http://jaeger/trace/{traceId}' })
    const linked = await responses.during(window).increase()
    expect(linked.trace?.link).toBe(`http://jaeger/trace/${linked.trace?.id}`)
  })

  it('says when the clocks are apart', async () => {
    const fast = await serveSamples({ aheadMs: 60_000 })
    for (const name of ['up', 'm_total']) {
      fast.write({ __name__: name, job: 'pods', instance: 'a:80' }, 0, Array<number>(30).fill(1))
    }
    openSession({ ...session, prometheusUrl: fast.client.url })
    // The second 10 of that server is, here, a minute before.
    const here = { startedAt: START + 10_500 - 60_000, endedAt: START + 20_500 - 60_000 }
    const { notes } = await prometheus.counter('m_total').during(here).increase()
    await fast.close()
    expect(notes).toEqual(["Prometheus' clock is 1 min ahead of this machine's, which was taken into account"])
  })

  it('has the window of a method, and of the last seconds', async () => {
    const before = Date.now()
    const played = await prometheus.window(async () => 'done', { settle: '30ms' })
    expect(played).toMatchObject({ result: 'done', phases: [{ phase: 'method' }, { phase: 'settle' }] })
    expect(played.startedAt).toBeGreaterThanOrEqual(before)
    expect(played.endedAt - (played.phases[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(30)
    await expect(prometheus.window(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    const { startedAt, endedAt } = prometheus.last('30s')
    expect(endedAt - startedAt).toBe(30_000)
  })

  it('reads a query of its own', async () => {
    expect(await prometheus.query('counter', { at: START + 3000 })).toBe(3)
    expect(events).toMatchObject([{ query: 'counter', result: '3', value: 3 }])
  })

  it('reads the course of a query, of which each step must have its one number', async () => {
    const at = { startedAt: START + 3000, endedAt: START + 6000 }
    const course = (promql: string, window = at) => prometheus.query(promql, { at: window, every: '1s' })
    expect(await course('counter')).toMatchObject({
      value: 6,
      samples: 4,
      series: [{ min: 3, max: 6, maxAt: START + 6000, first: { at: START + 3000, value: 3 } }],
    })
    expect(events).toMatchObject([{ query: 'counter', result: 'from 3 to 6, 6 at the end', value: 6 }])
    await expect(course('no_such')).rejects.toMatchObject({ code: 'CHAOS_PROMETHEUS_NO_DATA' })
    const tooEarly = { startedAt: START - 2000, endedAt: START + 2000 }
    await expect(course('counter', tooEarly)).rejects.toThrow('had a value at only 3 of 5 steps')
    await expect(course('responses_total')).rejects.toMatchObject({ code: 'CHAOS_PROMETHEUS_SEVERAL_SERIES' })
    await expect(course('counter / 0 * 0')).rejects.toMatchObject({ code: 'CHAOS_PROMETHEUS_NAN' })
    await expect(prometheus.query('counter', { at, every: 0 })).rejects.toMatchObject({ code: 'CHAOS_BAD_DURATION' })
  })

  it('reads nothing, and the journal says why', async () => {
    const read = prometheus.counter('no_such_total').during(window, { within: 0 }).increase()
    await expect(read).rejects.toMatchObject({ code: 'CHAOS_PROMETHEUS_NO_DATA', verdict: 'inconclusive' })
    expect(events).toMatchObject([{ query: 'no_such_total', value: null, result: expect.stringContaining('no data') }])
  })

  it('has each read as a span', async () => {
    await responses.during(window).increase()
    await tracing.flush()
    const text = JSON.stringify(traces)
    expect(text).toContain('"name":"prometheus read"')
    expect(text).toContain(JSON.stringify(query))
  })

  it('is told to configure a Prometheus where there is none', async () => {
    const { prometheusUrl: _, ...without } = session
    openSession(without)
    await expect(responses.during(window).increase()).rejects.toMatchObject({
      code: 'CHAOS_NO_PROMETHEUS',
      message: expect.stringContaining('prometheus: { url:'),
    })
  })

  it('stops reading when the hypothesis is over', async () => {
    const over = AbortSignal.abort(new Error('the hypothesis is over'))
    openSession({ ...session, signal: () => over })
    await expect(responses.during(window).increase()).rejects.toThrow('the hypothesis is over')
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import type { EventBody, TrafficEnded, TrafficProgress } from '../../src/journal/events.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { openSession } from '../../src/session/session.ts'
import { traffic } from '../../src/traffic/index.ts'
import { FaultServer } from './fault-server.ts'
import { RequestTracer } from './plans.ts'

let events: EventBody[]
let cancel: AbortController
let tracer: RequestTracer

beforeEach(() => {
  events = []
  cancel = new AbortController()
  tracer = new RequestTracer()
  openSession({
    target: { kind: 'lab', name: 'lab', kubeconfig: '/dev/null', context: 'lab', namespace: 'default' },
    safety: { ...defaultSafety, namespaces: ['*'] },
    record: (event) => events.push(event),
    perform: () => Promise.reject(new Error('Users change nothing.')),
    tracer: {
      startRequest: () => tracer.startRequest(),
      span: () => Promise.reject(new Error('Users have no span but those of their requests.')),
    },
    signal: () => cancel.signal,
  })
})

describe('for', () => {
  test('sends what the rate plans in that time, and says what the users saw', async () => {
    await using server = await FaultServer.start(['ok', 'ok', 'ok', 'server error'])
    const before = Date.now()

    const seen = await traffic({ url: server.url.href, rate: '100/s' }).for('400ms')

    expect(server.requests).toHaveLength(40)
    expect(seen.counts).toMatchObject({
      planned: 40,
      completed: 30,
      failed: 10,
      dropped: 0,
      outcomes: { '2xx': 30, '5xx': 10 },
    })
    expect(seen).toMatchObject({ name: `users of ${server.url.href}`, rate: '100/s', errors: 10, errorRate: 0.25 })
    expect(seen.startedAt).toBeGreaterThanOrEqual(before)
    expect(seen.endedAt - seen.startedAt).toBeGreaterThanOrEqual(400)
    expect(seen.endedAt).toBeLessThanOrEqual(Date.now() + 1)
    expect(seen.latencyMs(99)).toBeGreaterThan(0)
  })

  test('keeps the first errors, with the ids of their traces', async () => {
    await using server = await FaultServer.start(['ok', 'unavailable'])

    const seen = await traffic({ url: server.url.href, rate: '100/s', maxInFlight: 1 }).for('100ms')

    expect(seen.firstErrors).toHaveLength(3)
    for (const [index, error] of seen.firstErrors.entries()) {
      expect(error).toMatchObject({ outcome: '5xx', status: 503, plannedAt: seen.startedAt + 10 + index * 20 })
      expect(server.requests[1 + index * 2]).toContain(error.traceId)
    }
    expect(seen.slowest).toHaveLength(5)
  })

  test('writes its start, each second and its end to the log', async () => {
    await using server = await FaultServer.start(['ok', 'redirect', 'not found'])

    const seen = await traffic({ url: server.url.href, rate: '50/s', name: 'shoppers' }).for('1200ms')

    const seconds = events.filter((event): event is TrafficProgress => event.type === 'traffic-progress')
    expect(events[0]).toEqual({ type: 'traffic-started', traffic: 'shoppers', url: server.url.href, perSecond: 50 })
    expect(seconds.length).toBeGreaterThanOrEqual(2)
    expect(sumOf(seconds)).toEqual({ '2xx': 20, '3xx': 20, '4xx': 20 })
    expect(events.at(-1)).toMatchObject({
      type: 'traffic-ended',
      traffic: 'shoppers',
      startedAt: seen.startedAt,
      summary: { planned: 60, completed: 40, failed: 20, dropped: 0 },
    })
    expect((events.at(-1) as TrafficEnded).exemplars).toHaveLength(3 + 5)
  })

  test('sends the method, the headers, the body and the headers of the trace', async () => {
    await using server = await FaultServer.start()

    await traffic({
      url: `${server.url.href}orders?a=1`,
      rate: '100/s',
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-user': 'one' },
      body: 'tea',
    }).for('10ms')

    expect(server.requests[0]).toMatch(/^POST \/orders\?a=1 HTTP\/1\.1\r\n/)
    expect(server.requests[0]).toMatch(/^content-type: text\/plain$/m)
    expect(server.requests[0]).toMatch(/^x-user: one$/m)
    expect(server.requests[0]).toMatch(/^content-length: 3$/m)
    expect(server.requests[0]).toMatch(/^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01$/m)
  })

  test('looks a reference up when it starts, each time', async () => {
    await using server = await FaultServer.start()
    let resolved = 0
    const url = {
      description: 'service/service1',
      resolve: async () => {
        resolved += 1
        return server.url.href
      },
    }
    const users = traffic({ url, rate: '100/s' })
    expect(users.name).toBe('users of service/service1')
    expect(resolved).toBe(0)

    await users.for('20ms')
    const { counts } = await users.for('20ms')

    expect(resolved).toBe(2)
    expect(counts.completed).toBe(2)
  })

  test('counts what it had no time to send as dropped', async () => {
    await using server = await FaultServer.start(['hangs'])

    const { counts } = await traffic({
      url: server.url.href,
      rate: '100/s',
      maxInFlight: 5,
      latenessBudget: '50ms',
      timeout: '2s',
    }).for('300ms')

    expect(counts).toMatchObject({ planned: 30, failed: 5, dropped: 25, outcomes: { timeout: 5, dropped: 25 } })
  })
})

describe('during', () => {
  test('lets the users call from before the method until after it, and returns its result', async () => {
    await using server = await FaultServer.start()

    const observed = await traffic({ url: server.url.href, rate: '100/s' }).during(async () => {
      await expect.poll(() => server.requests.length, { interval: 10 }).toBeGreaterThan(5)
      return { startedAt: Date.now(), image: 'v2' }
    })

    expect(observed.result.image).toBe('v2')
    expect(observed.counts.completed).toBeGreaterThan(5)
    expect(observed.counts.completed).toBe(observed.counts.planned)
  })

  test('goes on for at least the time that it was told', async () => {
    await using server = await FaultServer.start()

    const observed = await traffic({ url: server.url.href, rate: '100/s' }).during(async () => {}, { atLeast: '300ms' })

    expect(observed.counts).toMatchObject({ planned: 30, completed: 30 })
    expect(observed.endedAt - observed.startedAt).toBeGreaterThanOrEqual(300)
  })

  test('goes on for a while after the method', async () => {
    await using server = await FaultServer.start()
    let atTheEnd = 0

    await traffic({ url: server.url.href, rate: '100/s' }).during(
      async () => {
        await expect.poll(() => server.requests.length).toBeGreaterThan(2)
        atTheEnd = server.requests.length
      },
      { settle: '200ms' },
    )

    expect(server.requests.length - atTheEnd).toBeGreaterThanOrEqual(19)
  })

  test('ends with the method that throws, and rejects with what it threw', async () => {
    await using server = await FaultServer.start()
    const broken = new Error('there is no such deployment')

    const observed = traffic({ url: server.url.href, rate: '100/s' }).during(
      async () => {
        await expect.poll(() => server.requests.length).toBeGreaterThan(2)
        throw broken
      },
      { atLeast: '1h' },
    )

    await expect(observed).rejects.toBe(broken)
    expect(events.at(-1)).toMatchObject({ type: 'traffic-ended' })
    const sent = server.requests.length
    expect((events.at(-1) as TrafficEnded).summary).toMatchObject({ planned: sent, completed: sent })
  })
})

describe('when the hypothesis is cancelled', () => {
  const reason = new Error('the steady state was lost')

  test('sending stops, what is in flight is aborted and counted, and the reason is thrown', async () => {
    await using server = await FaultServer.start(['ok', 'hangs'])
    const observed = traffic({ url: server.url.href, rate: '100/s' }).for('1h')
    await expect.poll(() => server.requests.length).toBeGreaterThan(10)

    cancel.abort(reason)

    await expect(observed).rejects.toBe(reason)
    const { summary } = events.at(-1) as TrafficEnded
    expect(summary.outcomes.aborted).toBeGreaterThan(4)
    expect(summary.completed + summary.failed + summary.dropped).toBe(summary.planned)
    expect(sumOf(events.filter((event) => event.type === 'traffic-progress'))).toEqual(summary.outcomes)
    expect(tracer.ended).toHaveLength(summary.planned - summary.dropped)
    await expect.poll(() => server.open).toBe(0)
  })

  test('a method that does not listen is not waited for', async () => {
    await using server = await FaultServer.start()
    const observed = traffic({ url: server.url.href, rate: '100/s' }).during(() => new Promise(() => {}))
    await expect.poll(() => server.requests.length).toBeGreaterThan(2)

    cancel.abort(reason)

    await expect(observed).rejects.toBe(reason)
    expect(events.at(-1)).toMatchObject({ type: 'traffic-ended' })
  })

  test('before it starts, nothing is sent', async () => {
    await using server = await FaultServer.start()
    cancel.abort(reason)

    await expect(traffic({ url: server.url.href, rate: '100/s' }).for('1s')).rejects.toBe(reason)

    expect(server.requests).toHaveLength(0)
    expect(events).toEqual([])
  })
})

describe('a wrong description is refused where it is written', () => {
  const good = { url: 'http://127.0.0.1:1/', rate: '10/s' } as const

  test.each([
    ['CHAOS_BAD_URL', { url: '127.0.0.1:8080' }],
    ['CHAOS_BAD_URL', { url: 'ftp://127.0.0.1/' }],
    ['CHAOS_BAD_URL', { url: 'http://user:password@127.0.0.1/' }],
    ['CHAOS_BAD_RATE', { rate: '0/s' as const }],
    ['CHAOS_BAD_DURATION', { timeout: '3 seconds' as '3s' }],
    ['CHAOS_BAD_OPTION', { timeout: 0 }],
    ['CHAOS_BAD_OPTION', { maxInFlight: 0 }],
    ['CHAOS_BAD_HEADER', { headers: { 'x y': 'z' } }],
    ['CHAOS_BAD_HEADER', { headers: { x: 'a\r\nb: c' } }],
  ])('%s: %o', (code, wrong) => {
    expect(() => traffic({ ...good, ...wrong })).toThrow(expect.objectContaining({ code, verdict: 'usage' }))
  })
})

function sumOf(seconds: readonly TrafficProgress[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const [outcome, count] of seconds.flatMap(({ outcomes }) => Object.entries(outcomes))) {
    sum[outcome] = (sum[outcome] ?? 0) + count
  }
  return sum
}

import { beforeEach, describe, expect, test } from 'vitest'
import type { TrafficProgress } from '../../src/journal/events.ts'
import { traffic } from '../../src/traffic/index.ts'
import { FaultServer, patience } from './fault-server.ts'
import { patient, sumOf } from './plans.ts'
import { SpecSession } from './spec-session.ts'

let session: SpecSession

beforeEach(() => {
  session = SpecSession.open()
})

describe('for', () => {
  test('sends what the rate plans in that time, and says what the users saw', async () => {
    await using server = await FaultServer.start(['ok', 'ok', 'ok', 'server error'])
    const before = Date.now()

    const seen = await traffic({ ...patient, url: server.url.href, rate: '100/s' }).for('400ms')

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

  test('sends exactly that many, also when this machine stands still at the start', async () => {
    await using server = await FaultServer.start()
    const standStill = () => {
      for (const end = performance.now() + 100; performance.now() < end; );
      return {}
    }

    const { counts } = await traffic({ ...patient, url: server.url.href, rate: '100/s', request: standStill }).for(
      '20ms',
    )

    expect(counts).toMatchObject({ planned: 2, completed: 2 })
  })

  test('keeps the first errors, with the ids of their traces', async () => {
    await using server = await FaultServer.start(['ok', 'unavailable'])

    const seen = await traffic({ ...patient, url: server.url.href, rate: '100/s', maxInFlight: 1 }).for('100ms')

    expect(seen.firstErrors).toHaveLength(3)
    for (const [index, error] of seen.firstErrors.entries()) {
      expect(error).toMatchObject({ outcome: '5xx', status: 503, plannedAt: seen.startedAt + 10 + index * 20 })
      expect(server.requests[1 + index * 2]).toContain(error.traceId)
    }
    expect(seen.slowest).toHaveLength(5)
  })

  test('writes its start, each second and its end to the log', async () => {
    await using server = await FaultServer.start(['ok', 'redirect', 'not found'])

    const seen = await traffic({ ...patient, url: server.url.href, rate: '50/s', name: 'shoppers' }).for('1200ms')

    const seconds = session.events.filter((event): event is TrafficProgress => event.type === 'traffic-progress')
    expect(session.events[0]).toEqual({
      type: 'traffic-started',
      traffic: 'shoppers',
      url: server.url.href,
      perSecond: 50,
      atLeastMs: 1200,
      load: '50/s',
    })
    expect(seconds.length).toBeGreaterThanOrEqual(2)
    expect(sumOf(seconds.map(({ outcomes }) => outcomes))).toEqual({ '2xx': 20, '3xx': 20, '4xx': 20 })
    expect(session.ended).toMatchObject({
      type: 'traffic-ended',
      traffic: 'shoppers',
      startedAt: seen.startedAt,
      summary: { planned: 60, completed: 40, failed: 20, dropped: 0 },
    })
    expect(session.ended.exemplars).toHaveLength(3 + 5)
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
    const users = traffic({ ...patient, url, rate: '100/s' })
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
      ...patient,
      url: server.url.href,
      rate: '100/s',
      maxInFlight: 5,
      latenessBudget: '50ms',
      timeout: '2s',
    }).for('300ms')

    expect(counts).toMatchObject({ planned: 30, failed: 5, dropped: 25, outcomes: { 'timeout-wait': 5, dropped: 25 } })
  })
})

describe('during', () => {
  test('lets the users call from before the method until after it, and returns its result', async () => {
    await using server = await FaultServer.start()

    const observed = await traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(async () => {
      await expect.poll(() => server.requests.length, patience).toBeGreaterThan(5)
      return { startedAt: Date.now(), image: 'v2' }
    })

    expect(observed.result.image).toBe('v2')
    const { planned, completed, dropped } = observed.counts
    expect(completed).toBeGreaterThan(5)
    // A busy machine may have had no time to send all of them.
    expect(completed + dropped).toBe(planned)
  })

  test('goes on for at least the time that it was told', async () => {
    await using server = await FaultServer.start()

    const observed = await traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(async () => {}, {
      atLeast: '300ms',
    })

    expect(observed.counts).toMatchObject({ planned: 30, completed: 30 })
    expect(observed.endedAt - observed.startedAt).toBeGreaterThanOrEqual(300)
  })

  test('goes on for a while after the method', async () => {
    await using server = await FaultServer.start()
    let atTheEnd = 0

    const { phases, startedAt, endedAt } = await traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(
      async () => {
        await expect.poll(() => server.requests.length, patience).toBeGreaterThan(2)
        atTheEnd = server.requests.length
      },
      { settle: '200ms' },
    )

    expect(server.requests.length - atTheEnd).toBeGreaterThanOrEqual(19)
    const [method, settle] = phases
    expect(phases).toEqual([
      { phase: 'method', startedAt, endedAt: method?.endedAt },
      { phase: 'settle', startedAt: method?.endedAt, endedAt },
    ])
    expect(endedAt - (settle?.startedAt ?? 0)).toBeGreaterThanOrEqual(190)
  })

  test('ends with the method that throws, and rejects with what it threw', async () => {
    await using server = await FaultServer.start()
    const broken = new Error('there is no such deployment')

    const observed = traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(
      async () => {
        await expect.poll(() => server.requests.length, patience).toBeGreaterThan(2)
        throw broken
      },
      { atLeast: '1h' },
    )

    await expect(observed).rejects.toBe(broken)
    expect(session.ended.summary.dropped).toBe(0)
    const sent = server.requests.length
    expect(session.ended.summary).toMatchObject({ planned: sent, completed: sent })
  })
})

describe('during, with a method that takes too long', () => {
  test('fails', async () => {
    await using server = await FaultServer.start()
    let signal: AbortSignal | undefined

    const observed = traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(
      (context) => {
        signal = context.signal
        return new Promise(() => {})
      },
      { atMost: '100ms' },
    )

    await expect(observed).rejects.toMatchObject({ code: 'CHAOS_METHOD_TOO_LONG', verdict: 'failed' })
    expect(signal?.aborted).toBe(true)
    expect(session.ended.summary.planned).toBeGreaterThanOrEqual(10)
  })
})

describe('start and stop', () => {
  test('let the users call in between', async () => {
    await using server = await FaultServer.start()
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s' })
    await users.start()
    await expect.poll(() => server.requests.length, patience).toBeGreaterThan(5)
    const before = server.requests.length

    const seen = await users.stop({ settle: '100ms' })

    expect(seen.counts.planned).toBeGreaterThanOrEqual(before + 9)
    expect(seen.counts).toMatchObject({ planned: server.requests.length, completed: server.requests.length })
  })

  test('can be repeated, and each time is one of its own', async () => {
    await using server = await FaultServer.start()
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s' })

    await users.start()
    const first = await users.stop()
    await users.start()
    const second = await users.stop()

    expect(first.counts.planned + second.counts.planned).toBe(server.requests.length)
  })

  test('what nobody stops is stopped at the end', async () => {
    await using server = await FaultServer.start()
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s' })
    await users.start()
    await expect.poll(() => server.requests.length, patience).toBeGreaterThan(2)

    await Promise.all(session.endings.map((end) => end()))

    expect(session.ended.summary.completed).toBe(server.requests.length)
    await expect.poll(() => server.open, patience).toBe(0)
  })

  test('what was stopped is not stopped again', async () => {
    await using server = await FaultServer.start()
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s' })
    await users.start()
    await users.stop()

    await expect(Promise.all(session.endings.map((end) => end()))).resolves.toEqual([undefined])
  })

  test('are refused in the wrong order', async () => {
    await using server = await FaultServer.start()
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s' })
    await expect(users.stop()).rejects.toMatchObject({ code: 'CHAOS_TRAFFIC_NOT_STARTED' })

    await Promise.all([users.start(), expect(users.start()).rejects.toMatchObject({ code: 'CHAOS_TRAFFIC_STARTED' })])

    await users.stop()
  })
})

describe('when the hypothesis is cancelled', () => {
  const reason = new Error('the steady state was lost')

  test('sending stops, what is in flight is aborted and counted, and the reason is thrown', async () => {
    await using server = await FaultServer.start(['ok', 'hangs'])
    const observed = traffic({ ...patient, url: server.url.href, rate: '100/s' }).for('1h')
    await expect.poll(() => server.requests.length, patience).toBeGreaterThan(10)

    session.cancel.abort(reason)

    await expect(observed).rejects.toBe(reason)
    const { summary } = session.ended
    expect(summary.outcomes.aborted).toBeGreaterThan(4)
    expect(summary.completed + summary.failed + summary.dropped).toBe(summary.planned)
    expect(
      sumOf(session.events.filter((event) => event.type === 'traffic-progress').map(({ outcomes }) => outcomes)),
    ).toEqual(summary.outcomes)
    expect(session.tracer.ended).toHaveLength(summary.planned - summary.dropped)
    await expect.poll(() => server.open, patience).toBe(0)
  })

  test('a method that does not listen is not waited for', async () => {
    await using server = await FaultServer.start()
    const observed = traffic({ ...patient, url: server.url.href, rate: '100/s' }).during(() => new Promise(() => {}))
    await expect.poll(() => server.requests.length, patience).toBeGreaterThan(2)

    session.cancel.abort(reason)

    await expect(observed).rejects.toBe(reason)
    expect(session.ended.summary.planned).toBeGreaterThan(2)
  })

  test('before it starts, nothing is sent', async () => {
    await using server = await FaultServer.start()
    session.cancel.abort(reason)

    await expect(traffic({ ...patient, url: server.url.href, rate: '100/s' }).for('1s')).rejects.toBe(reason)

    expect(server.requests).toHaveLength(0)
    expect(session.events).toEqual([])
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

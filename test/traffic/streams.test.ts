import { beforeEach, describe, expect, test } from 'vitest'
import { traffic } from '../../src/traffic/index.ts'
import { WeightedTurns } from '../../src/traffic/turns.ts'
import { FaultServer, patience } from './fault-server.ts'
import { patient } from './plans.ts'
import { SpecSession } from './spec-session.ts'

let session: SpecSession

beforeEach(() => {
  session = SpecSession.open()
})

describe('turns', () => {
  const turnsOf = (weights: Record<string, number>, count: number) => {
    const turns = new WeightedTurns(Object.entries(weights), ([, weight]) => weight)
    return Array.from({ length: count }, () => turns.next()[0]).join('')
  }

  test('are as even as the weights allow', () => {
    expect(turnsOf({ a: 1 }, 3)).toBe('aaa')
    expect(turnsOf({ a: 1, b: 1 }, 6)).toBe('ababab')
    expect(turnsOf({ a: 5, b: 1, c: 1 }, 7)).toBe('aabacaa')
  })

  test('are exact, also for weights that are no whole numbers', () => {
    const turns = turnsOf({ a: 0.9, b: 0.09, c: 0.01 }, 1000)

    expect([...'abc'].map((letter) => turns.split(letter).length - 1)).toEqual([900, 90, 10])
  })
})

describe('several streams', () => {
  test('share the requests by their weights, each with what is its own', async () => {
    await using shop = await FaultServer.start()
    await using till = await FaultServer.start(['not found'])
    const users = traffic({
      ...patient,
      url: shop.url.href,
      rate: '200/s',
      name: 'shoppers',
      headers: { 'x-shop': 'one' },
      streams: {
        browse: { weight: 3 },
        buy: { url: till.url.href, method: 'POST', headers: { 'x-till': 'two' }, body: 'tea', keepAlive: true },
      },
    })

    const seen = await users.for('200ms')

    expect(shop.requests).toHaveLength(30)
    expect(till.requests).toHaveLength(10)
    expect(till.requests[0]).toMatch(/^POST \/ .*^x-shop: one.*^x-till: two/ms)
    expect(seen.counts).toMatchObject({ planned: 40, completed: 30, failed: 10, outcomes: { '2xx': 30, '4xx': 10 } })
    expect(seen.streams.browse?.counts).toMatchObject({ planned: 30, completed: 30, outcomes: { '2xx': 30 } })
    expect(seen.streams.buy?.counts).toMatchObject({ planned: 10, failed: 10, outcomes: { '4xx': 10 } })
    expect(seen.streams.buy?.latencyMs(50)).toBeGreaterThan(0)
    expect(seen.url).toBe(`${shop.url.href}, ${till.url.href}`)
    expect(session.ended.streams).toEqual({ browse: seen.streams.browse?.counts, buy: seen.streams.buy?.counts })
  })

  test('share what could not be sent as well', async () => {
    await using server = await FaultServer.start(['hangs'])
    const seen = await traffic({
      ...patient,
      url: server.url.href,
      rate: '100/s',
      maxInFlight: 2,
      latenessBudget: 0,
      timeout: '1s',
      streams: { one: {}, two: {} },
    }).for('200ms')

    const { one, two } = seen.streams
    expect([one?.counts.planned, two?.counts.planned]).toEqual([10, 10])
    expect((one?.counts.dropped ?? 0) + (two?.counts.dropped ?? 0)).toBe(seen.counts.dropped)
    expect(seen.counts.dropped).toBeGreaterThan(0)
  })

  test('are called by users in a closed loop, too', async () => {
    await using server = await FaultServer.start()
    const users = traffic({
      ...patient,
      url: server.url.href,
      users: 4,
      think: '10ms',
      streams: { one: { weight: 2 }, two: {} },
    })

    const { counts, streams } = await users.during(() =>
      expect.poll(() => server.requests.length, patience).toBeGreaterThan(30),
    )

    expect(counts.planned).toBe(server.requests.length)
    expect(Math.abs((streams.one?.counts.planned ?? 0) - 2 * (streams.two?.counts.planned ?? 0))).toBeLessThan(3)
  })

  test.each([
    { streams: {} },
    { streams: { one: {} } },
    { url: 'http://127.0.0.1:1/', streams: { one: { weight: 0 } } },
  ])('are refused where they make no sense: %o', (options) => {
    expect(() => traffic({ rate: '1/s', ...options })).toThrow(expect.objectContaining({ code: 'CHAOS_BAD_OPTION' }))
  })
})

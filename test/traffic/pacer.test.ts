import { expect, test } from 'vitest'
import { arrivalsOf } from '../../src/traffic/arrivals.ts'
import { Pacer, type PacerOptions } from '../../src/traffic/pacer.ts'
import { ManualTime } from './manual-time.ts'

function pace({ perSecond = 10, ...options }: Partial<PacerOptions> & { perSecond?: number } = {}) {
  const time = new ManualTime()
  const start = time.now()
  const seen = {
    sent: [] as [planned: number, at: number][],
    dropped: [] as [planned: number, at: number][],
    finished: 0,
  }
  const pacer = new Pacer({
    arrivals: arrivalsOf({
      segments: [{ fromPerSecond: perSecond, toPerSecond: perSecond, durationMs: Number.POSITIVE_INFINITY }],
    }),
    maxInFlight: Number.POSITIVE_INFINITY,
    latenessBudgetMs: 1000,
    time,
    send: (plannedMs) => seen.sent.push([plannedMs, time.now() - start]),
    drop: (plannedMs) => seen.dropped.push([plannedMs, time.now() - start]),
    finished: () => {
      seen.finished += 1
    },
    ...options,
  })
  pacer.start()
  return { time, pacer, seen }
}

test('requests are planned from the rate alone, and those of a whole time are exactly rate × time', () => {
  const { time, pacer, seen } = pace()
  pacer.endAt(2000)

  time.pass(2000)

  expect(seen.sent).toEqual(Array.from({ length: 20 }, (_, n) => [n * 100, n * 100]))
  expect(pacer.planned).toBe(20)
})

test.each([
  { perSecond: 3, durationMs: 2000, planned: 6 },
  { perSecond: 7, durationMs: 3000, planned: 21 },
  { perSecond: 1 / 60, durationMs: 120_000, planned: 2 },
  { perSecond: 4999, durationMs: 1000, planned: 4999 },
  { perSecond: 10, durationMs: 2001, planned: 21 },
  { perSecond: 10, durationMs: 0, planned: 1 },
])('$perSecond per second for $durationMs ms are $planned', ({ perSecond, durationMs, planned }) => {
  const { time, pacer, seen } = pace({ perSecond })
  pacer.endAt(durationMs)

  time.pass(durationMs + 10)

  expect(pacer.planned).toBe(planned)
  expect(seen.sent).toHaveLength(planned)
})

test('answers do not slow the users down', () => {
  const { time, pacer, seen } = pace()

  time.pass(950)

  expect(seen.sent).toHaveLength(10)
  expect(pacer.planned).toBe(10)
  expect(seen.finished).toBe(0)
})

test('after a stall within the budget, what was planned meanwhile is sent late', () => {
  const { time, seen } = pace()

  time.stall(450)

  expect(seen.sent).toEqual([
    [0, 0],
    [100, 450],
    [200, 450],
    [300, 450],
    [400, 450],
  ])
  expect(seen.dropped).toEqual([])
})

test('after a stall beyond the budget, what is too late is dropped', () => {
  const { time, seen } = pace({ latenessBudgetMs: 200 })

  time.stall(450)

  expect(seen.dropped).toEqual([
    [100, 450],
    [200, 450],
  ])
  expect(seen.sent).toEqual([
    [0, 0],
    [300, 450],
    [400, 450],
  ])
})

test('a request that finds too many in flight waits for its turn, and is dropped when its budget is over', () => {
  const { time, pacer, seen } = pace({ maxInFlight: 1, latenessBudgetMs: 250 })

  time.pass(320)
  pacer.requestEnded()
  time.pass(200)

  expect(seen.sent).toEqual([
    [0, 0],
    [100, 320],
  ])
  expect(seen.dropped.map(([plannedMs]) => plannedMs)).toEqual([200])
  expect(seen.dropped[0]?.[1]).toBeCloseTo(451, 0)
})

test('it finishes once, when the time is over and nothing is in flight', () => {
  const { time, pacer, seen } = pace()
  pacer.endAt(250)

  pacer.requestEnded()
  time.pass(240)
  pacer.requestEnded()
  pacer.requestEnded()
  expect(seen.finished).toBe(0)
  time.pass(10)
  expect(seen.finished).toBe(1)
  time.pass(5000)

  expect(seen.finished).toBe(1)
  expect(pacer.planned).toBe(3)
})

test('it waits for what is in flight', () => {
  const { time, pacer, seen } = pace()
  pacer.endAt(50)
  time.pass(10_000)
  expect(seen.finished).toBe(0)

  pacer.requestEnded()

  expect(seen.finished).toBe(1)
})

test('cancelled, it drops what waits and sends nothing more', () => {
  const { time, pacer, seen } = pace({ maxInFlight: 2 })
  time.pass(450)

  pacer.cancel()
  time.pass(1000)
  pacer.requestEnded()
  pacer.requestEnded()

  expect(seen.sent).toHaveLength(2)
  expect(seen.dropped).toHaveLength(3)
  expect(pacer.planned).toBe(5)
  expect(seen.finished).toBe(1)
})

test('a server that stalls makes those wait who come during the stall, each as long as the stall still lasts', () => {
  const { time, pacer, seen } = pace({ maxInFlight: 1, perSecond: 100, latenessBudgetMs: 10_000 })

  time.pass(500)
  for (let answer = 0; answer < 49; answer += 1) pacer.requestEnded()

  const latenesses = seen.sent.map(([plannedMs, at]) => at - plannedMs)
  expect(latenesses).toEqual([0, ...Array.from({ length: 49 }, (_, n) => 490 - n * 10)])
})

test('after a stall, answers are looked at between the requests that are made up for', () => {
  const { time, pacer, seen } = pace({ perSecond: 1000 })
  let answered = 0
  let mostInFlight = 0
  const answerAll = () => {
    for (; answered < seen.sent.length; answered += 1) {
      mostInFlight = Math.max(mostInFlight, seen.sent.length - answered)
      pacer.requestEnded()
    }
    if (answered < 1000) time.wakeAfter(0, answerAll)
  }

  time.wakeAfter(0, answerAll)
  time.stall(999)

  expect(seen.sent).toHaveLength(1000)
  expect(mostInFlight).toBeLessThanOrEqual(100)
})

import { describe, expect, test } from 'vitest'
import { arrivalsOf } from '../../src/traffic/arrivals.ts'
import { ClosedLoop } from '../../src/traffic/closed-loop.ts'
import { type Books, type EndedRequest, Ledger } from '../../src/traffic/ledger.ts'
import type { Pace } from '../../src/traffic/pace.ts'
import { Pacer } from '../../src/traffic/pacer.ts'
import { monotonicTime } from '../../src/traffic/time.ts'
import { FaultServer } from './fault-server.ts'
import { ManualTime } from './manual-time.ts'
import { planFor, spanOf, startLoad } from './plans.ts'

const perSecond = 100
const durationMs = 10_000
const stallAtMs = 3000
/** What the server needs for an answer when it does not stall. */
const answerMs = 5

/**
 * A server that answers after 5 ms, and between 3 s and 3 s + the stall not at all: then it answers all who wait. Who
 * sends, and when, is the engine's own; only the time and the server are played.
 */
function played(stallMs: number, kind: 'open' | 'closed'): Books {
  const time = new ManualTime()
  const startMs = time.now()
  const ledger = new Ledger(0)
  const answerAt = (sentMs: number) => {
    const readyMs = sentMs + answerMs
    return readyMs > stallAtMs && readyMs < stallAtMs + stallMs ? stallAtMs + stallMs : readyMs
  }
  const send = (plannedMs: number) => {
    const sentMs = time.now() - startMs
    time.wakeAfter(answerAt(sentMs) - sentMs, () => {
      ledger.enter({ ...answered, plannedMs, sentMs, endedMs: time.now() - startMs })
      pace.requestEnded(true, time.now() - startMs)
    })
  }
  const listener = { time, send, drop: () => {}, finished: () => {} }
  const segment = { fromPerSecond: perSecond, toPerSecond: perSecond, durationMs: Number.POSITIVE_INFINITY }
  const arrivals = arrivalsOf({ segments: [segment] })
  const pace: Pace =
    kind === 'open'
      ? new Pacer({ ...listener, arrivals, maxInFlight: 1000, latenessBudgetMs: 10_000 })
      : new ClosedLoop({ ...listener, users: 1, thinkMs: 5 })
  pace.endAt(durationMs)
  pace.start()
  time.pass(durationMs + stallMs)
  return ledger.close(durationMs + stallMs, pace.planned)
}

const answered: EndedRequest = {
  ...{ outcome: '2xx', completed: true, sequence: 0, stage: 'reading', status: 200, pod: undefined, span: spanOf('t') },
  ...{ plannedMs: 0, sentMs: 0, endedMs: 0 },
}

describe.each([100, 250, 500, 1000, 2000])('a stall of %i ms', (stallMs) => {
  test('is in the latency of all who came in it, each as long as it still lasted', () => {
    const { summary, latency } = played(stallMs, 'open')
    const planned = (durationMs / 1000) * perSecond
    expect(summary).toMatchObject({ planned, completed: planned })

    // One comes each 10 ms: of those who came in the stall, the first waits all of it, the last hardly at all.
    const waited = stallMs / (1000 / perSecond)
    for (const share of [0, 0.25, 0.5, 0.9]) {
      const slower = Math.round(share * waited)
      const expected = Math.max(stallMs - slower * (1000 / perSecond), answerMs)
      const percentile = 100 * (1 - (slower + 0.5) / planned)
      expect(Math.abs(latency.percentile(percentile) - expected)).toBeLessThanOrEqual(0.001 * expected + 0.01)
    }
    expect(latency.percentile(100 * (1 - (waited + 2) / planned))).toBeCloseTo(answerMs, 1)
  })

  test('is seen by one request alone in a closed loop, which is why it is the milder measure', () => {
    const { latency } = played(stallMs, 'closed')

    expect(latency.maxMs).toBeGreaterThanOrEqual(stallMs - 10)
    expect(latency.percentile(99.8)).toBeCloseTo(answerMs, 1)
  })
})

test('a real server that stalls: the waiting is in the latency, and the service time says where it was spent', async () => {
  await using server = await FaultServer.start()
  const load = startLoad(planFor(server.url, { perSecond }))
  await expect.poll(() => server.requests.length, { timeout: 20_000 }).toBeGreaterThan(20)
  const stalledAt = performance.now()
  server.stall()
  await expect.poll(() => performance.now() - stalledAt, { timeout: 20_000 }).toBeGreaterThan(500)
  const stalledMs = performance.now() - stalledAt
  server.resume()

  const { summary, latency } = await load.endAt(0)

  // However busy this machine is: whoever came in the first half of the stall has waited for at least the other half.
  expect(summary).toMatchObject({ failed: 0, completed: server.requests.length })
  const waitedForHalf = Math.floor((stalledMs / 2 / 1000) * perSecond) - 2
  expect(latency.percentile(100 * (1 - waitedForHalf / summary.planned))).toBeGreaterThanOrEqual(stalledMs / 2 - 20)
})

test('the plan of a known time is exact, also where this machine stands still before the first request', async () => {
  await using server = await FaultServer.start()
  let now = 0
  const stalling = { ...monotonicTime, now: () => (now += 30) }

  const { summary } = await startLoad({ ...planFor(server.url, { perSecond: 300 }), endMs: 10 }, { time: stalling })
    .finished

  expect(summary).toMatchObject({ planned: 3, completed: 3 })
})

import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../src/traffic/latency.ts'
import { type EndedRequest, Ledger } from '../../src/traffic/ledger.ts'
import type { StreamPlan } from '../../src/traffic/user-stream.ts'
import { FaultServer } from './fault-server.ts'
import { planFor, send, spanOf } from './plans.ts'

const aRequest: EndedRequest = {
  outcome: '2xx',
  completed: true,
  sequence: 0,
  plannedMs: 0,
  sentMs: 0,
  endedMs: 0,
  stage: 'reading',
  status: 200,
  pod: undefined,
  span: spanOf('t'),
}

test('percentiles are right to three digits', () => {
  const histogram = new LatencyHistogram()
  for (let milliseconds = 1; milliseconds <= 10_000; milliseconds += 1) histogram.record(milliseconds)

  for (const percentage of [1, 50, 90, 99, 99.9]) {
    const exact = percentage * 100
    expect(Math.abs(histogram.percentile(percentage) - exact) / exact).toBeLessThan(0.001)
  }
  expect(histogram.summary().max).toBe(10_000)
})

test('two histograms add up to that of both', () => {
  const [left, right, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
  for (let n = 1; n <= 1000; n += 1) {
    const half = n % 2 === 0 ? left : right
    half.record(n * 1.5)
    both.record(n * 1.5)
  }

  left.merge(right)

  expect(left.summary()).toEqual(both.summary())
  expect(left.count).toBe(1000)
})

test('nothing seen, times of zero and times beyond an hour have a summary', () => {
  const histogram = new LatencyHistogram()
  expect(histogram.summary()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 })

  histogram.record(0)
  histogram.record(1e9)

  expect(histogram.summary()).toMatchObject({ p50: 0, max: 3_600_000 })
})

test('the time that a request waited for its turn is in its latency, and not in its service time', async () => {
  await using server = await FaultServer.start(['ok after 100 ms'])

  // Ten a second are planned twice as fast as one at a time can be answered.
  const { latency, serviceTime } = await send(20, planFor(server.url, { perSecond: 20, maxInFlight: 1 }))

  expect(serviceTime.percentile(0)).toBeGreaterThanOrEqual(99)
  // The last is planned at 950 ms, and sent after the 19 before it.
  expect(latency.maxMs).toBeGreaterThanOrEqual(20 * 100 - 950 - 5)
  expect(latency.maxMs).toBeGreaterThan(serviceTime.maxMs + 500)
})

test('a refused connection is no quick answer', () => {
  const ledger = new Ledger(0)
  const request = { ...aRequest, status: undefined, completed: false }

  ledger.enter({ ...request, outcome: 'refused', endedMs: 1 })
  ledger.enter({ ...request, outcome: 'reset', endedMs: 1, status: 200 })
  ledger.enter({ ...request, outcome: 'timeout-wait', endedMs: 3000 })

  const { latency } = ledger.close(3000, 3)
  expect(latency.count).toBe(1)
  expect(latency.maxMs).toBe(3000)
})

test('seconds are counted when the requests ended, also those in which nothing did', () => {
  const seconds: object[] = []
  const ledger = new Ledger(1_700_000_000_000, ({ at, outcomes }) => seconds.push({ at, outcomes }))

  ledger.enter({ ...aRequest, endedMs: 999.9 })
  ledger.enter({ ...aRequest, endedMs: 1000 })
  ledger.drop(3500)
  ledger.close(3600, 3)

  expect(seconds).toEqual([
    { at: 1_700_000_000_000, outcomes: { '2xx': 1 } },
    { at: 1_700_000_001_000, outcomes: { '2xx': 1 } },
    { at: 1_700_000_002_000, outcomes: {} },
    { at: 1_700_000_003_000, outcomes: { dropped: 1 } },
  ])
})

test('the books do not grow with the requests', () => {
  const ledger = new Ledger(0)
  for (let n = 0; n < 200_000; n += 1) {
    const failed = n % 10 === 0
    ledger.enter({
      ...aRequest,
      outcome: failed ? '5xx' : '2xx',
      completed: !failed,
      plannedMs: n / 100,
      sentMs: n / 100,
      endedMs: n / 100 + (n % 1000),
      status: failed ? 500 : 200,
      span: spanOf(String(n)),
    })
  }

  const { summary, firstErrors, slowest } = ledger.close(2000, 200_000)
  expect(summary).toMatchObject({
    completed: 180_000,
    failed: 20_000,
    outcomes: { '2xx': 180_000, '5xx': 20_000 },
  })
  expect(firstErrors.map(({ traceId }) => traceId)).toEqual(['0', '10', '20'])
  expect(slowest.map(({ latencyMs }) => Math.round(latencyMs))).toEqual([999, 999, 999, 999, 999])
})

test('what holds users up as they start makes their first requests late: the books and the schedule begin at one moment', async () => {
  await using server = await FaultServer.start(['ok'])
  const plan = planFor(server.url)
  const [users] = plan.streams
  let isHeldUp = false
  const heldUp = {
    ...users,
    get method() {
      const until = isHeldUp ? 0 : performance.now() + 200
      isHeldUp = true
      while (performance.now() < until);
      return 'GET'
    },
  } as StreamPlan

  const { summary } = await send(3, { ...plan, streams: [heldUp] })

  expect(summary.latenessMs?.max).toBeGreaterThanOrEqual(200)
})

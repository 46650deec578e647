import { describe, expect, test } from 'vitest'
import { type ArrivalPlan, arrivalsOf, countArrivals, type RateSegment } from '../../src/traffic/arrivals.ts'
import { type LoadOptions, loadModel, loadWords, peakPerSecond } from '../../src/traffic/load-options.ts'

const constant = (perSecond: number, durationMs = Number.POSITIVE_INFINITY): RateSegment => ({
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
  durationMs,
})
const ramp = (fromPerSecond: number, toPerSecond: number, durationMs: number): RateSegment => ({
  fromPerSecond,
  toPerSecond,
  durationMs,
})

function take(count: number, plan: ArrivalPlan): number[] {
  const arrivals = arrivalsOf(plan)
  return Array.from({ length: count }, () => arrivals.next())
}

test('a constant rate plans request n at n / rate, also after an hour', () => {
  expect(take(4, { segments: [constant(10)] })).toEqual([0, 100, 200, 300])
  expect(countArrivals({ segments: [constant(3)] }, 3_600_000)).toBe(10_800)
})

test('a rising rate plans what the area below it says', () => {
  const segments = [ramp(10, 30, 10_000), constant(30)]

  // 10 t + t²: 200 requests in 10 s, the hundredth of which comes at √125 − 5 s.
  const times = take(232, { segments })

  expect(times[100]).toBeCloseTo((Math.sqrt(125) - 5) * 1000, 6)
  expect(times[200]).toBeCloseTo(10_000, 6)
  expect(times[230]).toBeCloseTo(11_000, 6)
  expect(countArrivals({ segments }, 12_000)).toBe(260)
})

test('a falling rate, and one that hardly changes', () => {
  expect(countArrivals({ segments: [ramp(30, 10, 10_000), constant(10)] }, 11_000)).toBe(210)
  expect(countArrivals({ segments: [ramp(10, 10 + 1e-9, 10_000), constant(10)] }, 10_000)).toBe(101)
})

test('steps follow each other without a gap', () => {
  const segments = [constant(10, 1000), constant(20, 1000), constant(5)]

  const times = take(40, { segments })

  expect(times.slice(0, 10)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
  expect(times.slice(10, 13)).toEqual([1000, 1050, 1100])
  expect(times.slice(30, 33)).toEqual([2000, 2200, 2400])
})

test('a step that ends between two requests leaves its rest to the next', () => {
  // 2.5 requests of the first second: the third comes when half a request of the next rate has passed.
  expect(take(5, { segments: [constant(2.5, 1000), constant(10)] })).toEqual([0, 400, 800, 1050, 1150])
})

describe('Poisson', () => {
  const plan = (poissonSeed: number) => ({ segments: [constant(100)], poissonSeed })
  const gapsOf = (times: number[]) => times.map((time, index) => time - (times[index - 1] ?? 0))
  const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

  test('has gaps of an exponential distribution', () => {
    const gaps = gapsOf(take(100_000, plan(7)))
    const mean = meanOf(gaps)

    expect(mean).toBeCloseTo(10, 0)
    expect(meanOf(gaps.map((gap) => (gap - mean) ** 2)) / mean ** 2).toBeCloseTo(1, 1)
    for (const [quantile, share] of [
      [1, Math.exp(-1)],
      [2, Math.exp(-2)],
      [0.1, Math.exp(-0.1)],
    ] as const) {
      expect(gaps.filter((gap) => gap > quantile * 10).length / gaps.length).toBeCloseTo(share, 2)
    }
  })

  test('follows a rate that changes', () => {
    const rising = { segments: [ramp(100, 300, 10_000), constant(300)], poissonSeed: 3 }

    // 1,125 and 1,875 are expected, with a standard deviation of about 40.
    const early = countArrivals(rising, 5000)
    const all = countArrivals(rising, 10_000)

    expect(Math.abs(early - 750)).toBeLessThan(100)
    expect(Math.abs(all - 2000)).toBeLessThan(150)
  })

  test('is the same for the same seed, and another for another', () => {
    expect(take(100, plan(1))).toEqual(take(100, plan(1)))
    expect(take(100, plan(1))).not.toEqual(take(100, plan(2)))
  })
})

describe('as options', () => {
  test.each<[LoadOptions, string, number]>([
    [{ rate: '600/m' }, '600/m', 10],
    [{ rate: { from: '10/s', to: '100/s', over: '30s' } }, '10/s rising to 100/s over 30 s', 100],
    [{ rate: { from: '100/s', to: '10/s', over: '1m' } }, '100/s falling to 10/s over 1 min', 100],
    [{ rate: [{ rate: '10/s', for: '5s' }, { rate: '5/s' }] }, '10/s for 5 s, then 5/s', 10],
    [{ rate: '10/s', arrivals: 'poisson' }, '10/s at random', 10],
    [{ users: 50 }, '50 users', 0],
    [{ users: 50, think: '1s' }, '50 users who think for 1 s', 0],
  ])('%o is: %s', (options, words, peak) => {
    expect(loadWords(options)).toBe(words)
    expect(peakPerSecond(options)).toBe(peak)
  })

  test('they come to segments, with the last one for ever', () => {
    expect(loadModel({ rate: [{ rate: '10/s', for: '5s' }, { rate: '5/s' }], arrivals: 'poisson', seed: 4 })).toEqual({
      kind: 'open',
      arrivals: { segments: [constant(10, 5000), constant(5)], poissonSeed: 4 },
      maxInFlight: 1000,
      latenessBudgetMs: 1000,
    })
    expect(loadModel({ users: 3, think: '1s' })).toEqual({ kind: 'closed', users: 3, thinkMs: 1000 })
  })

  test.each<[string, LoadOptions]>([
    ['CHAOS_BAD_OPTION', {}],
    ['CHAOS_BAD_OPTION', { rate: '10/s', users: 5 }],
    ['CHAOS_BAD_OPTION', { users: 0 }],
    ['CHAOS_BAD_OPTION', { users: 1.5 }],
    ['CHAOS_BAD_OPTION', { rate: [] }],
    ['CHAOS_BAD_OPTION', { rate: [{ rate: '1/s' }, { rate: '2/s' }] }],
    ['CHAOS_BAD_OPTION', { rate: { from: '1/s', to: '2/s', over: 0 } }],
    ['CHAOS_BAD_RATE', { rate: { from: '0/s', to: '2/s', over: '1s' } }],
    ['CHAOS_BAD_DURATION', { rate: { from: '1/s', to: '2/s', over: 'soon' as '1s' } }],
  ])('%s: %o', (code, options) => {
    expect(() => loadModel(options)).toThrow(expect.objectContaining({ code, verdict: 'usage' }))
  })
})

import type { MeasuredRatio, Measurement, SeriesIncrease } from '../../src/prometheus/index.ts'
import type { Case } from './cases.ts'

const START = Date.UTC(2026, 0, 1)

/** What Prometheus counted in 20 s: of each version, all responses and the errors among them. */
function ratioOf(counts: Record<string, [errors: number, total: number]>): MeasuredRatio {
  const counted = Object.entries(counts).map(([version, [errors]]) => seriesOf(version, '500', errors))
  const good = Object.entries(counts).map(([version, [errors, total]]) => seriesOf(version, '200', total - errors))
  const numerator = Object.values(counts).reduce((sum, [errors]) => sum + errors, 0)
  const denominator = Object.values(counts).reduce((sum, [, total]) => sum + total, 0)
  return {
    ...measurementOf(numerator / denominator),
    numerator,
    denominator,
    counted,
    series: [...good, ...counted],
    query: 'responses_total{code=~"5.."} / responses_total',
  }
}

function measurementOf(value: number): Measurement {
  const window = { startedAt: START, endedAt: START + 20_000 }
  const notes = ['service1-a ended within the window']
  return { value, window, scrapeIntervalMs: 200, series: [], samples: 202, query: 'restarts_total', notes }
}

function seriesOf(version: string, code: string, increase: number): SeriesIncrease {
  const labels = { __name__: 'responses_total', version, code }
  const firstRise = increase > 0 ? { firstRiseAt: START + 3200 } : {}
  return { labels, increase, resets: 0, born: false, samples: 101, ...firstRise }
}

const inconclusive = (code: string) => ({ code, verdict: 'inconclusive' })
const failed = (code: string) => ({ code, verdict: 'failed' })
const usage = (code: string) => ({ code, verdict: 'usage' })

export const measuredCases: Case[] = [
  {
    title: 'a share below the limit',
    assert: (expect) => expect(ratioOf({ v1: [1, 200] })).toBeBelow('1%'),
    ending: 'holds',
  },
  {
    title: 'a share of exactly the limit is not below it',
    assert: (expect) => expect(ratioOf({ v1: [2, 200] })).not.toBeBelow(0.01),
    ending: 'holds',
  },
  {
    title: 'a share above the limit is told by version, with the grounds',
    assert: (expect) => expect(ratioOf({ v1: [0, 94], v4: [106, 106] })).toBeBelow('1%'),
    ending: {
      says: [
        'expected a share below 1 %, and it was 106 of 200 (53 %)',
        'responses_total{code=~"5.."} / responses_total',
        'in 20 s (2026-01-01T00:00:00.000Z to 2026-01-01T00:00:20.000Z), scraped every 200 ms: 202 samples of 4 series',
        'by version: v1 0 of 94, v4 106 of 106',
        'first error: scraped 3.2 s after the start',
        'note: service1-a ended within the window',
      ],
    },
  },
  {
    title: 'a share that is not to be below',
    assert: (expect) => expect(ratioOf({ v1: [0, 200] })).not.toBeBelow('1%'),
    ending: { says: ['expected a share of at least 1 %, and it was 0 of 200 (0 %)'] },
  },
  {
    title: 'too few requests to show 1 %',
    assert: (expect) => expect(ratioOf({ v1: [0, 99] })).toBeBelow('1%'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'too few requests to show 1 %, with not',
    assert: (expect) => expect(ratioOf({ v1: [99, 99] })).not.toBeBelow('1%'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'as few requests as were asked for',
    assert: (expect) => expect(ratioOf({ v1: [0, 20] })).toBeBelow('1%', { minRequests: 20 }),
    ending: 'holds',
  },
  {
    title: 'a share below nothing',
    assert: (expect) => expect(ratioOf({ v1: [0, 200] })).toBeBelow('0%'),
    ending: usage('CHAOS_BAD_RATIO'),
  },
  {
    title: 'a limit that is no share',
    assert: (expect) => expect(ratioOf({ v1: [0, 200] })).toBeBelow(5),
    ending: usage('CHAOS_BAD_RATIO'),
  },
  {
    title: 'a share by the name of an error rate',
    assert: (expect) => expect(ratioOf({ v1: [3, 200] })).toHaveErrorRateBelow('1%'),
    ending: { says: ['expected a share below 1 %, and it was 3 of 200 (1.5 %)'] },
  },
  {
    title: 'no errors of few requests',
    assert: (expect) => expect(ratioOf({ v1: [0, 20] })).toHaveNoErrors(),
    ending: 'holds',
  },
  {
    title: 'an error of many requests',
    assert: (expect) => expect(ratioOf({ v1: [1, 20_000] })).toHaveNoErrors(),
    ending: { says: ['expected no errors, and there were 1 of 20000 (0.005 %)', 'by version: v1 1 of 20000'] },
  },
  {
    title: 'no errors where some were expected',
    assert: (expect) => expect(ratioOf({ v1: [0, 20] })).not.toHaveNoErrors(),
    ending: { says: ['expected errors, and there were 0 of 20 (0 %)'] },
  },
  {
    title: 'an increase below a number',
    assert: (expect) => expect(measurementOf(2)).toBeBelow(3),
    ending: 'holds',
  },
  {
    title: 'an increase above a number',
    assert: (expect) => expect(measurementOf(3)).toBeBelow(3),
    ending: { says: ['expected a value below 3, and it was 3', 'restarts_total', 'note: service1-a ended'] },
  },
  {
    title: 'an increase of errors',
    assert: (expect) => expect(measurementOf(3)).toHaveNoErrors(),
    ending: { says: ['expected no errors, and there were 3'] },
  },
  {
    title: 'a number below another',
    assert: (expect) => expect(0.005).toBeBelow('1%'),
    ending: 'holds',
  },
  {
    title: 'a number above another',
    assert: (expect) => expect(7).toBeBelow(5),
    ending: { says: ['expected a value below 5, and it was 7'] },
  },
  {
    title: 'NaN is not below',
    assert: (expect) => expect(Number.NaN).toBeBelow(5),
    ending: inconclusive('CHAOS_NOT_A_NUMBER'),
  },
  {
    title: 'NaN is not above either',
    assert: (expect) => expect(Number.NaN).not.toBeBelow(5),
    ending: inconclusive('CHAOS_NOT_A_NUMBER'),
  },
  {
    title: 'a promise that was not awaited',
    assert: (expect) => expect(Promise.resolve(ratioOf({ v1: [0, 200] }))).toBeBelow('1%'),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'a promise that was not awaited, with not',
    assert: (expect) => expect(Promise.resolve(1)).not.toBeBelow('1%'),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'something else',
    assert: (expect) => expect('1%').toBeBelow('2%'),
    ending: failed('CHAOS_NOT_A_MEASUREMENT'),
  },
]

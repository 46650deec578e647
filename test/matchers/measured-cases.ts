import type {
  MeasuredFraction,
  MeasuredQuantile,
  MeasuredRatio,
  Measurement,
  SeriesIncrease,
  SeriesValues,
} from '../../src/prometheus/index.ts'
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
    phases: [],
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

/** A quantile of 200 observations, within a bucket. */
function quantileOf(above: number, atMost: number, unit: { unitMs?: number } = { unitMs: 1000 }): MeasuredQuantile {
  const value = Number.isFinite(atMost) ? (above + atMost) / 2 : atMost
  return { ...measurementOf(value), series: [], quantile: 0.99, observations: 200, above, atMost, ...unit }
}

function fractionOf(below: number, observations: number): MeasuredFraction {
  return { ...measurementOf(below / observations), series: [], below, observations }
}

/** What two queues showed, highest 3.2 s after the start. */
function gaugeOf(highest: number): Measurement<SeriesValues> {
  const series = [highest - 1, highest].map((max, i) => ({
    labels: { __name__: 'queue', pod: `pod-${i}` },
    samples: 101,
    first: { at: START, value: 0 },
    last: { at: START + 20_000, value: 1 },
    min: 0,
    max,
    maxAt: START + 3200,
  }))
  return { ...measurementOf(highest), series, trace: { id: 'abc', link: 'http://jaeger/trace/abc' } }
}

/** What a spec gets that said that no data count as held. */
const nothing = { ...measurementOf(Number.NaN), noData: 'no such series' }

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
  {
    title: 'a share above the limit is told by phase, too, with the trace',
    assert: (expect) => {
      const phases = [
        { phase: 'method', numerator: 10, denominator: 150 },
        { phase: 'settle', numerator: 0, denominator: 50 },
      ]
      expect({ ...ratioOf({ v1: [10, 200] }), phases, trace: { id: 'abc' } }).toBeBelow('1%')
    },
    ending: {
      says: ['by phase: method 10 of 150, settle 0 of 50', '(2026-01-01T00:00:03.200Z)', 'trace: abc'],
    },
  },
  {
    title: 'no data that count as held hold',
    assert: (expect) => {
      expect(nothing).toBeBelow('1%')
      expect(nothing).not.toBeBelow('1%')
      expect(nothing).toBeAtLeast('99%')
      expect(nothing).toStayBelow(1)
      expect(nothing).toHaveNoErrors()
      expect(nothing).toHaveErrorRateBelow('1%')
      expect(nothing).toHaveLatencyBelow('300ms')
      expect(nothing).toHaveServed({ atLeast: 1 })
      expect(nothing).toHaveBurnRateBelow(1, { slo: '99%' })
    },
    ending: 'holds',
  },
  {
    title: 'a quantile whose bucket ends at the limit',
    assert: (expect) => expect(quantileOf(0.25, 0.3)).toHaveLatencyBelow('300ms'),
    ending: 'holds',
  },
  {
    title: 'a quantile whose bucket begins at the limit',
    assert: (expect) => expect(quantileOf(0.3, 0.5)).toHaveLatencyBelow('300ms'),
    ending: {
      says: [
        'expected the p99 to be below 300 ms, and it was more than 300 ms and at most 500 ms (200 observations)',
        'restarts_total',
      ],
    },
  },
  {
    title: 'a quantile beyond the last bucket is not its bound',
    assert: (expect) => expect(quantileOf(10, Number.POSITIVE_INFINITY)).toHaveLatencyBelow('10s'),
    ending: { says: ['it was more than 10 s, beyond the last bucket'] },
  },
  {
    title: 'a limit within the bucket of the quantile',
    assert: (expect) => expect(quantileOf(0.25, 0.5)).toHaveLatencyBelow('300ms'),
    ending: inconclusive('CHAOS_LIMIT_WITHIN_BUCKET'),
  },
  {
    title: 'a limit within the bucket of the quantile, with not',
    assert: (expect) => expect(quantileOf(0.25, 0.5)).not.toHaveLatencyBelow('300ms'),
    ending: inconclusive('CHAOS_LIMIT_WITHIN_BUCKET'),
  },
  {
    title: 'too few observations for a quantile',
    assert: (expect) => expect({ ...quantileOf(0.1, 0.25), observations: 99 }).toHaveLatencyBelow('300ms'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'another percentile than that of the quantile',
    assert: (expect) => expect(quantileOf(0.1, 0.25)).toHaveLatencyBelow('300ms', { percentile: 95 }),
    ending: usage('CHAOS_BAD_PERCENTILE'),
  },
  {
    title: 'a quantile of no unit of time',
    assert: (expect) => expect(quantileOf(100, 250, {})).toHaveLatencyBelow('300ms'),
    ending: usage('CHAOS_NO_UNIT'),
  },
  {
    title: 'a quantile of no unit of time below a number',
    assert: (expect) => expect(quantileOf(100, 250, {})).toBeBelow(250),
    ending: 'holds',
  },
  {
    title: 'a share of fast ones that is enough',
    assert: (expect) => expect(fractionOf(198, 200)).toBeAtLeast('99%'),
    ending: 'holds',
  },
  {
    title: 'a share of fast ones that is too small',
    assert: (expect) => expect(fractionOf(190, 200)).toBeAtLeast('99%'),
    ending: { says: ['expected a share of at least 99 %, and it was 190 of 200 (95 %)'] },
  },
  {
    title: 'too few for a share of 99 %',
    assert: (expect) => expect(fractionOf(99, 99)).toBeAtLeast('99%'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'a share of fast ones has no errors to speak of',
    assert: (expect) => expect(fractionOf(99, 99)).toHaveErrorRateBelow('1%'),
    ending: failed('CHAOS_NOT_AN_OBSERVATION'),
  },
  {
    title: 'a share of fast ones is no count of errors',
    assert: (expect) => expect(fractionOf(0, 99)).toHaveNoErrors(),
    ending: failed('CHAOS_NOT_A_MEASUREMENT'),
  },
  {
    title: 'an increase that is no number is no lack of errors',
    assert: (expect) => expect(measurementOf(Number.NaN)).toHaveNoErrors(),
    ending: inconclusive('CHAOS_NOT_A_NUMBER'),
  },
  {
    title: 'an increase of at least a number',
    assert: (expect) => expect(measurementOf(3)).toBeAtLeast(3),
    ending: 'holds',
  },
  {
    title: 'a gauge that stays below',
    assert: (expect) => expect(gaugeOf(99)).toStayBelow(100),
    ending: 'holds',
  },
  {
    title: 'a gauge that does not stay below',
    assert: (expect) => expect(gaugeOf(100)).toStayBelow(100),
    ending: {
      says: [
        'expected it to stay below 100, and it was 100, 3.2 s after the start (queue{pod="pod-1"})',
        'queue{pod="pod-0"}: 0 to 1, lowest 0, highest 99',
        'trace: http://jaeger/trace/abc',
      ],
    },
  },
  {
    title: 'a number cannot stay',
    assert: (expect) => expect(3).toStayBelow(100),
    ending: failed('CHAOS_NOT_A_MEASUREMENT'),
  },
  {
    title: 'an increase cannot stay',
    assert: (expect) => expect(ratioOf({ v1: [0, 200] })).toStayBelow(100),
    ending: failed('CHAOS_NOT_A_MEASUREMENT'),
  },
  {
    title: 'a promise of a gauge that was not awaited',
    assert: (expect) => expect(Promise.resolve(gaugeOf(1))).toStayBelow(100),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'a promise of a share of fast ones that was not awaited, with not',
    assert: (expect) => expect(Promise.resolve(fractionOf(1, 200))).not.toBeAtLeast('99%'),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'a promise of a burn rate that was not awaited',
    assert: (expect) => expect(Promise.resolve(ratioOf({ v1: [0, 2] }))).toHaveBurnRateBelow(1, { slo: '99%' }),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'responses that were served',
    assert: (expect) => expect(ratioOf({ v1: [10, 200] })).toHaveServed({ atLeast: 190 }),
    ending: 'holds',
  },
  {
    title: 'responses that were no good',
    assert: (expect) => expect(ratioOf({ v1: [11, 200] })).toHaveServed({ atLeast: 190 }),
    ending: { says: ['expected at least 190 requests to be served, and 189 were', 'by version: v1 11 of 200'] },
  },
  {
    title: 'an increase that is the served requests',
    assert: (expect) => expect(measurementOf(7)).toHaveServed({ atLeast: 7 }),
    ending: 'holds',
  },
  {
    title: 'a budget that burns by the count of Prometheus',
    assert: (expect) => expect(ratioOf({ v1: [20, 1000] })).toHaveBurnRateBelow(14.4, { slo: '99.9%' }),
    ending: { says: ['burnt at 20 times: 20 of 1000 failed', 'by version: v1 20 of 1000'] },
  },
]

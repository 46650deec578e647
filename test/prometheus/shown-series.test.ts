import { expect, test } from 'vitest'
import { shownSeries } from '../../src/prometheus/shown-series.ts'
import type { WindowReading } from '../../src/prometheus/window-reader.ts'

function reading(values: readonly number[], series = 1): WindowReading {
  const samples = values.map((value, index) => ({ at: index * 1000, value }))
  const target = { labels: {}, scrapes: [], listed: true }
  return {
    selector: 'counter',
    window: { startedAt: 1500, endedAt: (values.length - 3) * 1000 + 500 },
    from: 0,
    scrapeIntervalMs: 1000,
    series: Array.from({ length: series }, (_, pod) => ({
      labels: { pod: `${pod}` },
      samples,
      target,
      countedFrom: 1500,
    })),
    ended: [],
    notes: [],
  }
}

test('a series is shown from its last sample before the window to its first after it', () => {
  const [shown] = shownSeries(reading([0, 1, 2, 3, 4, 5]))
  expect(shown?.samples).toEqual([
    [-500, 1],
    [500, 2],
    [1500, 3],
    [2500, 4],
  ])
})

test('of a long one some samples are shown, with its ends and where it started again', () => {
  const values = Array.from({ length: 1004 }, (_, index) => (index < 517 ? index : index - 517))
  const shown = shownSeries(reading(values))[0]?.samples ?? []
  expect(shown.length).toBeLessThanOrEqual(65)
  const offsets = shown.map(([since]) => since)
  expect([offsets[0], offsets.at(-1)]).toEqual([-500, 1_000_500])
  const shownValues = shown.map(([, value]) => value)
  expect(shownValues).toEqual(expect.arrayContaining([516, 0]))
})

test('a series that ended within the window is shown to its end, and of many series the first', () => {
  const cut = reading([0, 1, 2])
  expect(shownSeries({ ...cut, window: { startedAt: 1500, endedAt: 9000 } })[0]?.samples.at(-1)).toEqual([500, 2])
  expect(shownSeries(reading([0, 1, 2, 3], 40))).toHaveLength(12)
})

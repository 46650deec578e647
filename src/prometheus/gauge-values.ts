import { inconclusive } from '../support/errors.ts'
import { type Measurement, samplesOf } from './measurement.ts'
import { type Labels, labelsInWords, type Sample } from './samples.ts'
import { tailNotes, unseenTail } from './tail.ts'
import { readPastEnd } from './targets.ts'
import type { ReadSeries, WindowReading } from './window-reader.ts'

/** What a series showed in a window. */
export interface SeriesValues {
  readonly labels: Labels
  /** How many samples this is about. */
  readonly samples: number
  /** The value that the window began with: of the last scrape before it, or of the first of a series born within. */
  readonly first: Sample
  /** The value that it ended with: of the first scrape past its end, or of the last of a series that ended within. */
  readonly last: Sample
  readonly min: number
  readonly max: number
  /** When it was highest for the first time: milliseconds since the epoch. */
  readonly maxAt: number
}

/** A value that became another. */
export interface Change {
  readonly labels: Labels
  /** The first sample that showed it: milliseconds since the epoch. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** A value that went back. */
export type Reset = Change

/** The values of each series that had one. */
export function valuesIn(reading: WindowReading): SeriesValues[] {
  return reading.series.flatMap((series) => {
    const values = seriesValues(series.labels, samplesIn(series, reading.window))
    return values ? [values] : []
  })
}

/** What samples in the order of time come to; undefined where there are none. */
export function seriesValues(labels: Labels, samples: readonly Sample[]): SeriesValues | undefined {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last) return undefined
  const highest = samples.reduce((best, sample) => (sample.value > best.value ? sample : best))
  const min = samples.reduce((lowest, { value }) => Math.min(lowest, value), Number.POSITIVE_INFINITY)
  return { labels, samples: samples.length, first, last, min, max: highest.value, maxAt: highest.at }
}

/** Where a series was another than before, in the order of time. */
export function changesIn(reading: WindowReading): Change[] {
  return reading.series
    .flatMap((series) => {
      const samples = samplesIn(series, reading.window)
      return samples.slice(1).flatMap(({ at, value: to }, i) => {
        const from = samples[i]?.value ?? to
        return to === from ? [] : [{ labels: series.labels, at, from, to }]
      })
    })
    .sort((a, b) => a.at - b.at)
}

/** Where a series was lower than before, in the order of time. */
export function resetsIn(reading: WindowReading): Reset[] {
  return changesIn(reading).filter(({ from, to }) => to < from)
}

/**
 * One number out of what the series showed.
 *
 * @throws CHAOS_PROMETHEUS_NAN (inconclusive) none of them showed a number
 */
export function gaugeIn(
  reading: WindowReading,
  query: string,
  pick: (values: readonly SeriesValues[]) => number,
): Measurement<SeriesValues> {
  const series = valuesIn(reading)
  if (series.length === 0) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NAN',
      `${reading.selector} had no value but NaN in the window, which is neither below nor above anything.`,
    )
  }
  const { window, scrapeIntervalMs, notes } = reading
  const { startedAt, endedAt } = window
  const ended = tailNotes(reading, unseenTail(reading))
  const grounds = { window: { startedAt, endedAt }, scrapeIntervalMs, samples: samplesOf(series) }
  return { value: pick(series), ...grounds, series, query, notes: [...ended, ...notes] }
}

/**
 * The value that the window ended with, of the one series that was there then.
 *
 * @throws CHAOS_PROMETHEUS_SEVERAL_SERIES (inconclusive)
 */
export function lastOf(values: readonly SeriesValues[], endedAt: number): number {
  const there = values.filter(({ last }) => last.at >= endedAt)
  const [only, ...others] = there.length > 0 ? there : values
  if (only && others.length === 0) return only.last.value
  const each = [only, ...others].map((found) => found && `${labelsInWords(found.labels)} = ${found.last.value}`)
  throw inconclusive(
    'CHAOS_PROMETHEUS_SEVERAL_SERIES',
    `There were ${each.length} series at the end of the window where one value was expected: ${each.slice(0, 3).join(', ')}${each.length > 3 ? ', …' : ''}. Name the one that you mean by its labels, or ask for min(), max() or values().`,
  )
}

/** From the last sample before the window to the first past its end; NaN is no value. */
function samplesIn({ samples, target }: ReadSeries, window: WindowReading['window']): Sample[] {
  const until = readPastEnd(target, window)?.at ?? window.endedAt
  const start = samples.findLast(({ at }) => at <= window.startedAt)?.at ?? window.startedAt
  return samples.filter(({ at, value }) => at >= start && at <= until && !Number.isNaN(value))
}

import type { Labels, Sample, TimeWindow } from './samples.ts'
import { readPastEnd } from './targets.ts'
import type { ReadSeries, WindowReading } from './window-reader.ts'

/** What a series showed in a window. */
export interface SeriesValues {
  readonly labels: Labels
  /** The value that the window began with: of the last scrape before it, or of the first of a series born within. */
  readonly first: Sample
  /** The value that it ended with: of the first scrape past its end, or of the last of a series that ended within. */
  readonly last: Sample
  readonly min: number
  readonly max: number
}

/** A value that went back. */
export interface Reset {
  readonly labels: Labels
  /** The first sample that showed it: milliseconds since the epoch. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** The values of each series that had one. */
export function valuesIn(reading: WindowReading): SeriesValues[] {
  return reading.series.flatMap((series) => {
    const samples = samplesIn(series, reading.window)
    const [first] = samples
    const last = samples.at(-1)
    if (!first || !last) return []
    const values = samples.map(({ value }) => value)
    return [{ labels: series.labels, first, last, min: Math.min(...values), max: Math.max(...values) }]
  })
}

/** Where a series was lower than before, in the order of time. */
export function resetsIn(reading: WindowReading): Reset[] {
  return reading.series
    .flatMap((series) => {
      const samples = samplesIn(series, reading.window)
      return samples.slice(1).flatMap(({ at, value: to }, i) => {
        const from = samples[i]?.value ?? to
        return to < from ? [{ labels: series.labels, at, from, to }] : []
      })
    })
    .sort((a, b) => a.at - b.at)
}

/** From the last sample before the window to the first past its end; NaN is no value. */
function samplesIn({ samples, target }: ReadSeries, window: TimeWindow): Sample[] {
  const until = readPastEnd(target, window)?.at ?? window.endedAt
  const start = samples.findLast(({ at }) => at <= window.startedAt)?.at ?? window.startedAt
  return samples.filter(({ at, value }) => at >= start && at <= until && !Number.isNaN(value))
}

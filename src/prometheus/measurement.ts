import { inconclusive } from '../support/errors.ts'
import { type CounterSamples, increaseOf, type SeriesIncrease, samplesOfPart, sumOf } from './arithmetic.ts'
import { labelsInWords, type TimeWindow } from './samples.ts'
import { type LabelSelection, matchesSelection } from './selector.ts'
import { readPastEnd } from './targets.ts'
import type { ReadSeries, WindowReading } from './window-reader.ts'

/** What Prometheus counted in a window, and on what grounds. */
export interface Measurement {
  /** How much the counters rose, or a share (0 to 1). */
  readonly value: number
  readonly window: TimeWindow
  /** The usual time between two scrapes: the edges of the window are as exact as that. */
  readonly scrapeIntervalMs: number
  /** Each series that was counted. */
  readonly series: readonly SeriesIncrease[]
  /** How many samples the series have together. */
  readonly samples: number
  /** What was read, as PromQL. */
  readonly query: string
  /** What a reader must know of it: targets that ended in the window, for example. */
  readonly notes: readonly string[]
}

/** A share of what Prometheus counted. */
export interface MeasuredRatio extends Measurement {
  readonly numerator: number
  readonly denominator: number
  /** The series of the numerator. */
  readonly counted: readonly SeriesIncrease[]
}

/** Whether it is a measurement: told by its shape, since a spec and the framework may hold different copies of us. */
export function isMeasurement(value: unknown): value is Measurement {
  return typeof value === 'object' && value !== null && 'scrapeIntervalMs' in value && 'query' in value
}

export function isMeasuredRatio(value: unknown): value is MeasuredRatio {
  return isMeasurement(value) && 'numerator' in value
}

/** How much the counters rose in the window. @throws CHAOS_PROMETHEUS_NO_BASELINE, CHAOS_PROMETHEUS_NAN (inconclusive) */
export function increaseIn(reading: WindowReading): Measurement {
  const series = reading.series.map((read) => seriesIncrease(read, reading))
  return { value: sumOf(series), ...groundsOf(reading, series), query: reading.selector }
}

/**
 * The share of what the counters counted that falls to the series which `selection` selects among them.
 *
 * @throws CHAOS_PROMETHEUS_NO_LABEL no series has such a label; CHAOS_PROMETHEUS_NOTHING_COUNTED nothing at all was
 *   counted, so there is no share; CHAOS_PROMETHEUS_NO_BASELINE, CHAOS_PROMETHEUS_NAN (all inconclusive)
 */
export function ratioIn(reading: WindowReading, selection: LabelSelection, query: string): MeasuredRatio {
  requireLabels(reading, selection)
  const series = reading.series.map((read) => seriesIncrease(read, reading))
  const counted = series.filter(({ labels }) => matchesSelection(labels, selection))
  const numerator = sumOf(counted)
  const denominator = sumOf(series)
  if (denominator === 0) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NOTHING_COUNTED',
      `${reading.selector} did not rise in the window, so no share of it can be told: nobody called, or somebody else answered.`,
    )
  }
  return { value: numerator / denominator, numerator, denominator, counted, ...groundsOf(reading, series), query }
}

function groundsOf(reading: WindowReading, series: readonly SeriesIncrease[]) {
  const { window, scrapeIntervalMs, notes } = reading
  const resets = series.filter(({ resets: count }) => count > 0)
  const resetNotes = resets.map(
    ({ labels, resets: count }) =>
      `${labelsInWords(labels)} started again at 0 ${count === 1 ? 'once' : `${count} times`}; what it counted between the last scrape and that is in no count`,
  )
  const samples = series.reduce((sum, { samples: count }) => sum + count, 0)
  return { window, scrapeIntervalMs, series, samples, notes: [...notes, ...resetNotes] }
}

function seriesIncrease(read: ReadSeries, reading: WindowReading): SeriesIncrease {
  const { window, selector } = reading
  const until = readPastEnd(read.target, window)?.at ?? window.endedAt
  const broken = read.samples.find(({ value }) => !Number.isFinite(value))
  if (broken) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_NAN',
      `${selector}: ${labelsInWords(read.labels)} had the value ${broken.value} at ${new Date(broken.at).toISOString()}, with which nothing can be counted.`,
    )
  }
  const part = samplesOfPart(read.samples, { from: window.startedAt, until })
  requireBaseline(part, read, reading)
  return increaseOf(read.labels, part)
}

/**
 * A series without a sample before the window was born within it if its target had been read without it, or is itself
 * seen to be new. Else nobody knows what it had counted before.
 */
function requireBaseline({ baseline, rest: [first] }: CounterSamples, read: ReadSeries, reading: WindowReading): void {
  if (baseline || !first) return
  const { scrapes } = read.target
  const readWithoutIt = scrapes.some(({ at, up }) => up && at < first.at)
  const seenFromBirth = (scrapes[0]?.at ?? first.at) > reading.from + 2 * reading.scrapeIntervalMs
  if (readWithoutIt || seenFromBirth) return
  throw inconclusive(
    'CHAOS_PROMETHEUS_NO_BASELINE',
    `${reading.selector}: what ${labelsInWords(read.labels)} had counted before the window is unknown, as its target could not be read for some time before. Let a steady state pass before the window starts.`,
  )
}

/** An error that nobody counts under that name would pass for ever. */
function requireLabels(reading: WindowReading, selection: LabelSelection): void {
  for (const label of Object.keys(selection)) {
    if (reading.series.some(({ labels }) => labels[label] !== undefined)) continue
    const labels = [...new Set(reading.series.flatMap((series) => Object.keys(series.labels)))]
    throw inconclusive(
      'CHAOS_PROMETHEUS_NO_LABEL',
      `${reading.selector}: no series has the label "${label}", so a share by it means nothing. There are: ${labels.filter((name) => name !== '__name__').join(', ')}.`,
    )
  }
}

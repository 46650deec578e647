import { inconclusive } from '../support/errors.ts'
import { type CounterSamples, increaseOf, type SeriesIncrease, samplesOfPart, sumOf } from './arithmetic.ts'
import { type MeasuredRatio, type Measurement, type PhaseShare, ratioOf, samplesOf } from './measurement.ts'
import { labelsInWords } from './samples.ts'
import { type LabelSelection, matchesSelection } from './selector.ts'
import { type Counted, tailNotes, unseenTail } from './tail.ts'
import { readPastEnd } from './targets.ts'
import type { ReadSeries, WindowReading } from './window-reader.ts'
import type { TimeWindow } from './windows.ts'

/** How much the counters rose in the window. @throws CHAOS_PROMETHEUS_NO_BASELINE, CHAOS_PROMETHEUS_NAN (inconclusive) */
export function increaseIn(reading: WindowReading): Measurement<SeriesIncrease> {
  const series = seriesIncreases(reading)
  const value = sumOf(series)
  return { value, ...groundsOf(reading, series, { requests: value }), query: reading.selector }
}

/**
 * The share of what the counters counted that falls to the series which `selection` selects among them.
 *
 * @throws CHAOS_PROMETHEUS_NO_LABEL no series has such a label; CHAOS_PROMETHEUS_NOTHING_COUNTED nothing at all was
 *   counted, so there is no share; CHAOS_PROMETHEUS_NO_BASELINE, CHAOS_PROMETHEUS_NAN (all inconclusive)
 */
export function ratioIn(reading: WindowReading, selection: LabelSelection, query: string): MeasuredRatio {
  requireLabels(reading, selection)
  const series = seriesIncreases(reading)
  const counted = series.filter(({ labels }) => matchesSelection(labels, selection))
  const ratio = ratioOf(counted, series)
  if (ratio.denominator === 0) throw nothingCounted(reading.selector)
  const grounds = groundsOf(reading, series, { requests: ratio.denominator, errors: ratio.numerator })
  return { ...ratio, ...grounds, phases: phaseShares(reading, selection), query }
}

/** What was counted, series by series. @throws CHAOS_PROMETHEUS_NO_BASELINE, CHAOS_PROMETHEUS_NAN (inconclusive) */
export function seriesIncreases(reading: WindowReading): SeriesIncrease[] {
  return reading.series.map((read) => {
    requireNumbers(read, reading)
    requireBaseline(partOf(read, reading.window), read, reading)
    return increaseOf(read.labels, partOf(read, reading.window))
  })
}

/** The grounds of a measurement of counters. */
export function groundsOf(reading: WindowReading, series: readonly SeriesIncrease[], counted: Counted) {
  const { window, scrapeIntervalMs, notes } = reading
  const resets = series.filter(({ resets: count }) => count > 0)
  const resetNotes = resets.map(
    ({ labels, resets: count }) =>
      `${labelsInWords(labels)} started again at 0 ${count === 1 ? 'once' : `${count} times`}; what it counted between the last scrape and that is in no count`,
  )
  const unseen = unseenTail(reading, counted)
  return {
    window: { startedAt: window.startedAt, endedAt: window.endedAt },
    scrapeIntervalMs,
    series,
    samples: samplesOf(series),
    notes: [...tailNotes(reading, unseen), ...notes, ...resetNotes],
    ...(unseen ? { unseen } : {}),
  }
}

/** Nothing was counted, so no share of it can be told. */
export function nothingCounted(selector: string): Error {
  return inconclusive(
    'CHAOS_PROMETHEUS_NOTHING_COUNTED',
    `${selector} did not rise in the window, so no share of it can be told: nobody called, or somebody else answered.`,
  )
}

/** From the last sample before the window to the first past its end. */
function partOf({ samples, target, countedFrom }: ReadSeries, window: TimeWindow): CounterSamples {
  const until = readPastEnd(target, window)?.at ?? window.endedAt
  return samplesOfPart(samples, { from: countedFrom, until })
}

/** Errors belong to the phase in which they were first scraped; the last phase has what was scraped past the end. */
function phaseShares(reading: WindowReading, selection: LabelSelection): PhaseShare[] {
  const { phases = [], endedAt } = reading.window
  if (phases.length < 2) return []
  return phases.map(({ phase, startedAt, endedAt: phaseEndedAt }, i) => {
    const series = reading.series.map((read) => {
      const from = i === 0 ? read.countedFrom : startedAt
      return phaseEndedAt >= endedAt
        ? increaseOf(read.labels, partOf({ ...read, countedFrom: from }, reading.window))
        : increaseOf(read.labels, samplesOfPart(read.samples, { from, until: phaseEndedAt }))
    })
    const counted = series.filter(({ labels }) => matchesSelection(labels, selection))
    return { phase, numerator: sumOf(counted), denominator: sumOf(series) }
  })
}

function requireNumbers({ labels, samples }: ReadSeries, { selector }: WindowReading): void {
  const broken = samples.find(({ value }) => !Number.isFinite(value))
  if (!broken) return
  throw inconclusive(
    'CHAOS_PROMETHEUS_NAN',
    `${selector}: ${labelsInWords(labels)} had the value ${broken.value} at ${new Date(broken.at).toISOString()}, with which nothing can be counted.`,
  )
}

/** Processes tell when they began in whole seconds. */
const startResolutionMs = 1000

/**
 * A series without a sample before the window was born within it if its target had been read without it, or is itself
 * seen to be new: a target that Prometheus finds late is not. Else nobody knows what it had counted before.
 */
function requireBaseline({ baseline, rest: [first] }: CounterSamples, read: ReadSeries, reading: WindowReading): void {
  if (baseline || !first) return
  const { processStartedAt = Number.POSITIVE_INFINITY, target } = read
  const { scrapes } = target
  const readWithoutIt = scrapes.some(({ at, up }) => up && at < first.at)
  const seenFromBirth = (scrapes[0]?.at ?? first.at) > reading.from + 2 * reading.scrapeIntervalMs
  const isOlder = processStartedAt + startResolutionMs < reading.window.startedAt
  if (readWithoutIt || (seenFromBirth && !isOlder)) return
  throw inconclusive(
    'CHAOS_PROMETHEUS_NO_BASELINE',
    `${reading.selector}: what ${labelsInWords(read.labels)} had counted before the window is unknown, as its target was not read for some time before${isOlder ? ', and its process had begun already' : ''}. Let a steady state pass before the window starts.`,
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

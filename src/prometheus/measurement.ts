import { type SeriesIncrease, sumOf } from './arithmetic.ts'
import type { QuantilePlace } from './buckets.ts'
import type { SeriesValues } from './gauge-values.ts'
import type { Labels } from './samples.ts'
import type { UnseenTail } from './tail.ts'
import type { TimeWindow } from './windows.ts'

/** What Prometheus showed of some series in a window, and on what grounds. */
export interface Measurement<Series extends MeasuredSeries = MeasuredSeries> {
  /** How much counters rose, a share (0 to 1), what a gauge came to. */
  readonly value: number
  readonly window: TimeWindow
  /** The usual time between two scrapes: the edges of the window are as exact as that. */
  readonly scrapeIntervalMs: number
  /** Each series that was counted. */
  readonly series: readonly Series[]
  /** How many samples the series have together. */
  readonly samples: number
  /** What was read, as PromQL. */
  readonly query: string
  /** What a reader must know of it: targets that ended in the window, for example. */
  readonly notes: readonly string[]
  /** What the targets that ended in the window may have counted unseen; absent where none ended. */
  readonly unseen?: UnseenTail
  /** Why there were no data, where the spec says that this counts as held. */
  readonly noData?: string
  /** Where to look at what happened meanwhile: the trace of the hypothesis. */
  readonly trace?: TraceReference
}

export interface MeasuredSeries {
  readonly labels: Labels
  /** How many samples of it are in the window. */
  readonly samples: number
}

/** A trace, and a link to it where the config has a template of links. */
export interface TraceReference {
  readonly id: string
  readonly link?: string
}

/** A share of what Prometheus counted. */
export interface MeasuredRatio extends Measurement<SeriesIncrease> {
  readonly numerator: number
  readonly denominator: number
  /** The series of the numerator. */
  readonly counted: readonly SeriesIncrease[]
  /** The same share in each phase of the window, where it has several. */
  readonly phases: readonly PhaseShare[]
}

export interface PhaseShare {
  readonly phase: string
  readonly numerator: number
  readonly denominator: number
}

/** Whether it is a measurement: told by its shape, since a spec and the framework may hold different copies of us. */
export function isMeasurement(value: unknown): value is Measurement {
  return typeof value === 'object' && value !== null && 'scrapeIntervalMs' in value && 'query' in value
}

export function isMeasuredRatio(value: unknown): value is MeasuredRatio {
  return isMeasurement(value) && 'numerator' in value
}

/** The value within which a share of the observations was: known to be in a bucket, and estimated within that. */
export interface MeasuredQuantile extends Measurement<SeriesIncrease>, QuantilePlace {
  /** Which one: 0.99. */
  readonly quantile: number
  readonly observations: number
  /** The milliseconds of a unit of the metric; absent where its name says no unit of time. */
  readonly unitMs?: number
}

export function isMeasuredQuantile(value: unknown): value is MeasuredQuantile {
  return isMeasurement(value) && 'quantile' in value
}

/** The share of the observations that were at most a bound: exact, since a bucket counts them. */
export interface MeasuredFraction extends Measurement<SeriesIncrease> {
  readonly below: number
  readonly observations: number
}

export function isMeasuredFraction(value: unknown): value is MeasuredFraction {
  return isMeasurement(value) && 'below' in value
}

/** The values of each series of a gauge, or of the course of a query; undefined of any other measurement. */
export function seriesValuesOf(value: unknown): readonly SeriesValues[] | undefined {
  if (!isMeasurement(value) || value.series.length === 0) return undefined
  const series = value.series.filter((each): each is SeriesValues => 'maxAt' in each)
  return series.length === value.series.length ? series : undefined
}

/** What a spec gets that said that no data count as held. */
export function nothingMeasured(query: string, window: TimeWindow, noData: string): Measurement<never> {
  return { value: Number.NaN, window, scrapeIntervalMs: 0, series: [], samples: 0, query, notes: [], noData }
}

export function samplesOf(series: readonly MeasuredSeries[]): number {
  return series.reduce((sum, { samples }) => sum + samples, 0)
}

export function ratioOf(counted: readonly SeriesIncrease[], series: readonly SeriesIncrease[]) {
  const numerator = sumOf(counted)
  const denominator = sumOf(series)
  return { value: numerator / denominator, numerator, denominator, counted }
}

export type { SeriesIncrease } from './arithmetic.ts'
export type { Counter, CounterByLabel, CounterDuring } from './counter.ts'
export type { DuringOptions, OnNoData } from './during.ts'
export type { Gauge, GaugeDuring } from './gauge.ts'
export type { Change, Reset, SeriesValues } from './gauge-values.ts'
export type { Histogram, HistogramDuring } from './histogram.ts'
export {
  isMeasuredFraction,
  isMeasuredQuantile,
  isMeasuredRatio,
  isMeasurement,
  type MeasuredFraction,
  type MeasuredQuantile,
  type MeasuredRatio,
  type MeasuredSeries,
  type Measurement,
  type PhaseShare,
  seriesValuesOf,
  type TraceReference,
} from './measurement.ts'
export { type CourseOptions, prometheus, type QueryOptions } from './prometheus.ts'
export type { CountedWindow, Reconciliation, SideCounts } from './reconcile.ts'
export { type Labels, labelsInWords, type Sample } from './samples.ts'
export type { LabelPattern, LabelSelection } from './selector.ts'
export type { UnseenTail } from './tail.ts'
export type { MethodWindow, ObservedWindow, SettleOptions, TimeWindow, UserCounts, WindowPhase } from './windows.ts'

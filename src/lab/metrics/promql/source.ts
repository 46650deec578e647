import type { Labels } from '../labels.ts'
import type { LabelMatcher } from '../matchers.ts'

/** A series as the evaluation reads it. */
export interface SourceSeries {
  readonly labels: Labels
  /** How many samples it has of a time at most, left-open: `after < at ≤ until`. */
  countSamples(after: number, until: number): number
  /** Copies those samples, stale markers left out, to an index and those after it. Returns the next free one. */
  copySamples(after: number, until: number, into: SampleArrays, index: number): number
  /** Reads one sample after the other, forwards. */
  cursor(): SampleCursor
}

/** Times in milliseconds since the epoch, and the values of these times. */
export interface SampleArrays {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Finds the newest sample at or before times that never decrease. */
export interface SampleCursor {
  /** Whether there is one, newer than `after`, and no stale marker. */
  moveTo(at: number, after: number): boolean
  /** Of the sample found last. */
  readonly time: number
  readonly value: number
}

/** Where the evaluation gets its series from. */
export interface SeriesSource {
  select(matchers: readonly LabelMatcher[]): readonly SourceSeries[]
}

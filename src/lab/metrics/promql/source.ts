import type { Labels } from '../labels.ts'
import type { LabelMatcher } from '../matchers.ts'

/** A series as the evaluation reads it. */
export interface SourceSeries {
  readonly labels: Labels
  /** Its samples of a time, left-open (`after < at ≤ until`), stale markers left out. */
  samples(after: number, until: number): { readonly times: Float64Array; readonly values: Float64Array }
  /** Reads one sample after the other, forwards. */
  cursor(): SampleCursor
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

import type { SeriesIdentity } from './labels.ts'

/** Where samples go: a storage, or a Prometheus. The samples of a series come in the order of time. */
export interface SampleSink {
  append(identity: SeriesIdentity, at: number, value: number): void
  /** Says that the series has ended: it has no value from then on, until its next sample. */
  appendStale(identity: SeriesIdentity, at: number): void
}

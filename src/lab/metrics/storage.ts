import { type Labels, metricNameLabel, type SeriesIdentity } from './labels.ts'
import type { LabelMatcher } from './matchers.ts'
import { Chunk, chunkSize, type Sample } from './samples.ts'

export interface StorageLimits {
  /** How many samples are kept, of all series together: 16 bytes each. */
  maxSamples?: number
  /** For how long samples are kept, in milliseconds. */
  retentionMs?: number
}

/** The samples of one series. */
export class Series {
  readonly labels: Labels
  readonly chunks: Chunk[] = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** The samples of a time, left-open: `after < at ≤ until`. */
  between(after: number, until: number): Sample[] {
    const samples: Sample[] = []
    for (const chunk of this.chunks) {
      if (chunk.lastAt <= after || chunk.firstAt > until) continue
      for (let i = chunk.indexAt(after) + 1; i <= chunk.indexAt(until); i++) {
        if (!chunk.isStale(i)) samples.push({ at: chunk.timeOf(i), value: chunk.valueOf(i) })
      }
    }
    return samples
  }

  /** The value that counts at a time: that of the newest sample after `after`, unless it says that the series ended. */
  valueAt(at: number, after: number): number | undefined {
    const chunk = this.chunks.findLast((candidate) => candidate.firstAt <= at)
    const index = chunk?.indexAt(at) ?? -1
    if (!chunk || index < 0 || chunk.timeOf(index) <= after || chunk.isStale(index)) return undefined
    return chunk.valueOf(index)
  }
}

/**
 * Series in memory, bounded by age and by the number of samples: of both the oldest samples go first. The samples of a
 * series come in the order of time; one that is not newer than the last is dropped.
 */
export class Storage {
  readonly #byKey = new Map<string, Series>()
  readonly #byName = new Map<string, Map<string, Series>>()
  /** Every chunk, oldest first: the first of a series is always its oldest. */
  readonly #chunks: { identity: SeriesIdentity; chunk: Chunk }[] = []
  readonly #maxChunks: number
  readonly #retentionMs: number

  constructor({ maxSamples = 2_000_000, retentionMs = 3_600_000 }: StorageLimits = {}) {
    this.#maxChunks = Math.max(1, Math.floor(maxSamples / chunkSize))
    this.#retentionMs = retentionMs
  }

  append(identity: SeriesIdentity, at: number, value: number): void {
    this.#chunkFor(identity, at)?.append(at, value)
  }

  /** Says that the series has ended: it has no value from then on, until its next sample. */
  appendStale(identity: SeriesIdentity, at: number): void {
    this.#chunkFor(identity, at)?.appendStale(at)
  }

  /** The series that all matchers select. */
  select(matchers: readonly LabelMatcher[]): Series[] {
    const name = matchers.find((matcher) => matcher.label === metricNameLabel && matcher.operator === '=')?.value
    const candidates = name ? this.#byName.get(name) : this.#byKey
    if (!candidates) return []
    return [...candidates.values()].filter(({ labels }) =>
      matchers.every((matcher) => matcher.matches(labels[matcher.label] ?? '')),
    )
  }

  #chunkFor(identity: SeriesIdentity, at: number): Chunk | undefined {
    const series = this.#byKey.get(identity.key) ?? new Series(identity.labels)
    const last = series.chunks.at(-1)
    if (last && at <= last.lastAt) return undefined
    if (last && !last.full) return last
    const chunk = new Chunk()
    series.chunks.push(chunk)
    this.#index(identity, series)
    this.#chunks.push({ identity, chunk })
    this.#evict(at)
    return chunk
  }

  #index({ key, labels }: SeriesIdentity, series: Series): void {
    this.#byKey.set(key, series)
    const name = labels[metricNameLabel] ?? ''
    const sameName = this.#byName.get(name) ?? new Map<string, Series>()
    this.#byName.set(name, sameName.set(key, series))
  }

  #evict(now: number): void {
    while (this.#chunks.length > 1 && this.#mustEvictOldest(now)) this.#evictOldest()
  }

  #mustEvictOldest(now: number): boolean {
    const oldest = this.#chunks[0]?.chunk.lastAt ?? now
    return this.#chunks.length > this.#maxChunks || oldest < now - this.#retentionMs
  }

  #evictOldest(): void {
    const { identity } = this.#chunks.shift() ?? {}
    const series = identity && this.#byKey.get(identity.key)
    if (!series) return
    series.chunks.shift()
    if (series.chunks.length > 0) return
    const name = identity.labels[metricNameLabel] ?? ''
    const sameName = this.#byName.get(name)
    this.#byKey.delete(identity.key)
    sameName?.delete(identity.key)
    if (sameName?.size === 0) this.#byName.delete(name)
  }
}

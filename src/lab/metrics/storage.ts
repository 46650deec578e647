import { labelOf, metricNameLabel, type SeriesIdentity } from './labels.ts'
import type { LabelMatcher } from './matchers.ts'
import type { SeriesSource } from './promql/source.ts'
import { Chunk } from './samples.ts'
import { Series } from './series.ts'
import type { SampleSink } from './sink.ts'

export interface StorageLimits {
  /** For how many samples memory is taken, of all series together: 16 bytes each. */
  maxSamples?: number
  /** For how long samples are kept, in milliseconds. */
  retentionMs?: number
}

interface OwnedChunk {
  readonly identity: SeriesIdentity
  readonly chunk: Chunk
}

/** How many evicted places are kept at the front of the list of chunks before it is moved up. */
const mostEmptyPlaces = 1024

/**
 * Series in memory, bounded by age and by the number of samples: of both the oldest samples go first. The samples of a
 * series come in the order of time; one that is not newer than the last is dropped.
 */
export class Storage implements SeriesSource, SampleSink {
  readonly #byKey = new Map<string, Series>()
  readonly #byName = new Map<string, Map<string, Series>>()
  /** Every chunk, oldest first, from `#oldest` on: the first of a series is always its oldest. */
  #chunks: OwnedChunk[] = []
  #oldest = 0
  #samples = 0
  readonly #maxSamples: number
  readonly #retentionMs: number

  constructor({ maxSamples = 2_000_000, retentionMs = 3_600_000 }: StorageLimits = {}) {
    this.#maxSamples = maxSamples
    this.#retentionMs = retentionMs
  }

  append(identity: SeriesIdentity, at: number, value: number): void {
    this.#write(identity, at, (chunk) => chunk.append(at, value))
  }

  appendStale(identity: SeriesIdentity, at: number): void {
    this.#write(identity, at, (chunk) => chunk.appendStale(at))
  }

  /** The series that all matchers select. */
  select(matchers: readonly LabelMatcher[]): Series[] {
    const name = matchers.find((matcher) => matcher.label === metricNameLabel && matcher.operator === '=')?.value
    const candidates = name ? this.#byName.get(name) : this.#byKey
    if (!candidates) return []
    return [...candidates.values()].filter(({ labels }) =>
      matchers.every((matcher) => matcher.matches(labelOf(labels, matcher.label))),
    )
  }

  #write(identity: SeriesIdentity, at: number, write: (chunk: Chunk) => void): void {
    const chunk = this.#chunkFor(identity, at)
    if (!chunk) return
    const before = chunk.capacity
    write(chunk)
    this.#samples += chunk.capacity - before
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
    this.#samples += chunk.capacity
    this.#evict(at)
    return chunk
  }

  #index({ key, labels }: SeriesIdentity, series: Series): void {
    this.#byKey.set(key, series)
    const name = labelOf(labels, metricNameLabel)
    const sameName = this.#byName.get(name) ?? new Map<string, Series>()
    this.#byName.set(name, sameName.set(key, series))
  }

  #evict(now: number): void {
    while (this.#chunks.length - this.#oldest > 1 && this.#mustEvictOldest(now)) this.#evictOldest()
    if (this.#oldest < mostEmptyPlaces) return
    this.#chunks = this.#chunks.slice(this.#oldest)
    this.#oldest = 0
  }

  #mustEvictOldest(now: number): boolean {
    const oldest = this.#chunks[this.#oldest]?.chunk.lastAt ?? now
    return this.#samples > this.#maxSamples || oldest < now - this.#retentionMs
  }

  #evictOldest(): void {
    const evicted = this.#chunks[this.#oldest++]
    const series = evicted && this.#byKey.get(evicted.identity.key)
    if (!series) return
    this.#samples -= evicted.chunk.capacity
    series.chunks.shift()
    if (series.chunks.length === 0) this.#forget(evicted.identity)
  }

  #forget({ key, labels }: SeriesIdentity): void {
    const name = labelOf(labels, metricNameLabel)
    const sameName = this.#byName.get(name)
    this.#byKey.delete(key)
    sameName?.delete(key)
    if (sameName?.size === 0) this.#byName.delete(name)
  }
}

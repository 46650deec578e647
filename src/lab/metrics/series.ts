import type { Labels } from './labels.ts'
import type { SampleArrays, SampleCursor, SourceSeries } from './promql/source.ts'
import type { Chunk } from './samples.ts'

/** The samples of one series. */
export class Series implements SourceSeries {
  readonly labels: Labels
  /** Oldest first. */
  readonly chunks: Chunk[] = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  countSamples(after: number, until: number): number {
    let count = 0
    for (const chunk of this.chunks) {
      if (isBetween(chunk, after, until)) count += chunk.indexAt(until) - chunk.indexAt(after)
    }
    return count
  }

  copySamples(after: number, until: number, into: SampleArrays, index: number): number {
    let next = index
    for (const chunk of this.chunks) {
      if (!isBetween(chunk, after, until)) continue
      next = chunk.copy(chunk.indexAt(after) + 1, chunk.indexAt(until) + 1, into, next)
    }
    return next
  }

  cursor(): SampleCursor {
    return new ChunkCursor(this.chunks)
  }
}

function isBetween(chunk: Chunk, after: number, until: number): boolean {
  return chunk.lastAt > after && chunk.firstAt <= until
}

/** Goes through chunks sample by sample. */
class ChunkCursor implements SampleCursor {
  readonly #chunks: readonly Chunk[]
  #chunk: Chunk | undefined
  #nextChunk = 0
  #nextChunkAt: number
  #index = -1
  time = Number.NaN
  value = Number.NaN

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks
    this.#nextChunkAt = chunks[0]?.firstAt ?? Number.POSITIVE_INFINITY
  }

  moveTo(at: number, after: number): boolean {
    while (this.#nextChunkAt <= at) this.#enterNextChunk()
    const chunk = this.#chunk
    if (!chunk) return false
    // Mostly the next sample or one soon after it: only one far away is searched for.
    for (let steps = 0; this.#index + 1 < chunk.length && chunk.timeOf(this.#index + 1) <= at; steps++) {
      this.#index = steps < 4 ? this.#index + 1 : chunk.indexAt(at)
    }
    this.time = chunk.timeOf(this.#index)
    this.value = chunk.valueOf(this.#index)
    return this.time > after && !chunk.isStale(this.#index)
  }

  #enterNextChunk(): void {
    this.#chunk = this.#chunks[this.#nextChunk]
    this.#index = -1
    this.#nextChunk++
    this.#nextChunkAt = this.#chunks[this.#nextChunk]?.firstAt ?? Number.POSITIVE_INFINITY
  }
}

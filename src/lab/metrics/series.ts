import type { Labels } from './labels.ts'
import type { SampleCursor, SourceSeries } from './promql/source.ts'
import type { Chunk } from './samples.ts'

/** The samples of one series. */
export class Series implements SourceSeries {
  readonly labels: Labels
  /** Oldest first. */
  readonly chunks: Chunk[] = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** The samples of a time, left-open (`after < at ≤ until`), stale markers left out. */
  samples(after: number, until: number): { times: Float64Array; values: Float64Array } {
    const parts = this.chunks
      .filter((chunk) => chunk.lastAt > after && chunk.firstAt <= until)
      .map((chunk) => ({ chunk, from: chunk.indexAt(after) + 1, to: chunk.indexAt(until) + 1 }))
    const most = parts.reduce((sum, { from, to }) => sum + to - from, 0)
    const times = new Float64Array(most)
    const values = new Float64Array(most)
    let length = 0
    for (const { chunk, from, to } of parts) length = chunk.copy(from, to, times, values, length)
    return length === most
      ? { times, values }
      : { times: times.subarray(0, length), values: values.subarray(0, length) }
  }

  cursor(): SampleCursor {
    return new ChunkCursor(this.chunks)
  }
}

/** Goes through chunks sample by sample: the times that it is moved to never decrease. */
class ChunkCursor implements SampleCursor {
  readonly #chunks: readonly Chunk[]
  #chunk = 0
  #index = -1
  time = Number.NaN
  value = Number.NaN

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks
  }

  moveTo(at: number, after: number): boolean {
    const chunk = this.#chunkAt(at)
    if (!chunk) return false
    // Mostly the next sample or the one after it: only from one far away it is searched for.
    let steps = 0
    while (this.#index + 1 < chunk.length && chunk.timeOf(this.#index + 1) <= at) {
      this.#index = ++steps > 4 ? chunk.indexAt(at) : this.#index + 1
    }
    if (this.#index < 0) return false
    this.time = chunk.timeOf(this.#index)
    this.value = chunk.valueOf(this.#index)
    return this.time > after && !chunk.isStale(this.#index)
  }

  #chunkAt(at: number): Chunk | undefined {
    for (let next = this.#chunks[this.#chunk + 1]; next && next.firstAt <= at; next = this.#chunks[this.#chunk + 1]) {
      this.#chunk++
      this.#index = -1
    }
    return this.#chunks[this.#chunk]
  }
}

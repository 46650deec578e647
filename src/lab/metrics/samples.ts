import type { SampleArrays } from './promql/source.ts'

/** A value of a series. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly value: number
}

/** How many samples a chunk has room for, at most. */
export const chunkSize = 128

/** How many samples a new chunk has room for: a series of few samples takes little. */
const firstCapacity = 16

/** The NaN that says that a series has ended: it has these bits, by which Prometheus knows it from other NaNs. */
export const staleBits = 0x7ff0000000000002n

/** A run of samples of one series, in the order of time: 16 bytes a sample. */
export class Chunk {
  #times = new Float64Array(firstCapacity)
  #values = new Float64Array(firstCapacity)
  #bits = new BigUint64Array(this.#values.buffer)
  #staleMarkers = 0
  length = 0

  /** For how many samples it takes memory now. */
  get capacity(): number {
    return this.#times.length
  }

  get full(): boolean {
    return this.length === chunkSize
  }

  get firstAt(): number {
    return this.timeOf(0)
  }

  /** Minus infinity when it is empty. */
  get lastAt(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.timeOf(this.length - 1)
  }

  append(at: number, value: number): void {
    this.#grow()
    this.#times[this.length] = at
    this.#values[this.length] = value
    this.length++
  }

  appendStale(at: number): void {
    this.#grow()
    this.#times[this.length] = at
    this.#bits[this.length] = staleBits
    this.#staleMarkers++
    this.length++
  }

  timeOf(index: number): number {
    return this.#times[index] ?? Number.NaN
  }

  valueOf(index: number): number {
    return this.#values[index] ?? Number.NaN
  }

  isStale(index: number): boolean {
    return this.#staleMarkers > 0 && this.#bits[index] === staleBits
  }

  /** The index of the newest sample at or before a time; -1 when there is none. */
  indexAt(at: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#times[middle] ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /**
   * Copies the samples from one index on and before another, stale markers left out, to an index and those after it.
   * Returns the next free one.
   */
  copy(from: number, to: number, { times, values }: SampleArrays, index: number): number {
    if (this.#staleMarkers === 0) {
      times.set(this.#times.subarray(from, to), index)
      values.set(this.#values.subarray(from, to), index)
      return index + to - from
    }
    let next = index
    for (let i = from; i < to; i++) {
      if (this.isStale(i)) continue
      times[next] = this.timeOf(i)
      values[next] = this.valueOf(i)
      next++
    }
    return next
  }

  #grow(): void {
    if (this.length < this.capacity) return
    const capacity = Math.min(2 * this.capacity, chunkSize)
    const [times, values] = [new Float64Array(capacity), new Float64Array(capacity)]
    times.set(this.#times)
    new BigUint64Array(values.buffer).set(this.#bits)
    this.#times = times
    this.#values = values
    this.#bits = new BigUint64Array(values.buffer)
  }
}

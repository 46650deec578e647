/** A value of a series. */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number
  value: number
}

/** How many samples a chunk has room for. */
export const chunkSize = 128

/** The NaN that says that a series has ended: it has these bits, by which Prometheus knows it from other NaNs. */
const staleBits = 0x7ff0000000000002n

/** A run of samples of one series, in the order of time: 16 bytes a sample. */
export class Chunk {
  readonly #times = new Float64Array(chunkSize)
  readonly #values = new Float64Array(chunkSize)
  readonly #bits = new BigUint64Array(this.#values.buffer)
  length = 0

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
    this.#times[this.length] = at
    this.#values[this.length] = value
    this.length++
  }

  appendStale(at: number): void {
    this.#times[this.length] = at
    this.#bits[this.length] = staleBits
    this.length++
  }

  timeOf(index: number): number {
    return this.#times[index] ?? Number.NaN
  }

  valueOf(index: number): number {
    return this.#values[index] ?? Number.NaN
  }

  isStale(index: number): boolean {
    return Number.isNaN(this.#values[index]) && this.#bits[index] === staleBits
  }

  /** The index of the newest sample at or before a time; -1 when there is none. */
  indexAt(at: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.timeOf(middle) <= at) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

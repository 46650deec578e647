import { build } from 'hdr-histogram-js'
import type { LatencySummary } from '../journal/events.ts'

const longestMs = 3_600_000

/**
 * The distribution of times, to three significant digits from a microsecond to an hour (HdrHistogram by Gil Tene): its
 * size does not depend on how many it has seen, and two of them add up to the distribution of both.
 */
export class LatencyHistogram {
  readonly #microseconds = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMs * 1000,
    numberOfSignificantValueDigits: 3,
  })
  #maxMs = 0

  /** Records a time; beyond an hour it counts as an hour. */
  record(milliseconds: number): void {
    const microseconds = Math.round(Math.min(Math.max(milliseconds, 0), longestMs) * 1000)
    this.#microseconds.recordValue(microseconds)
    this.#maxMs = Math.max(this.#maxMs, microseconds / 1000)
  }

  get count(): number {
    return this.#microseconds.totalCount
  }

  get maxMs(): number {
    return this.#maxMs
  }

  /** The time in milliseconds within which that percentage (0 to 100) of all were; 0 where there are none. */
  percentile(percentage: number): number {
    return Math.min(this.#microseconds.getValueAtPercentile(percentage) / 1000, this.#maxMs)
  }

  summary(): LatencySummary {
    return { p50: this.percentile(50), p90: this.percentile(90), p99: this.percentile(99), max: this.#maxMs }
  }

  /** Adds all that another one has seen. */
  merge(other: LatencyHistogram): void {
    this.#microseconds.add(other.#microseconds)
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs)
  }

  reset(): void {
    this.#microseconds.reset()
    this.#maxMs = 0
  }
}

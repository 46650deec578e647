import type { Labels } from '../labels.ts'
import type { Grid } from './grid.ts'
import type { SampleArrays } from './source.ts'
import { type Column, emptyColumn, setValue, type Vector } from './values.ts'

/** The samples of a series, in the order of time: a part of arrays that many series share. No stale markers. */
export class SampleRun {
  readonly times: Float64Array
  readonly values: Float64Array
  /** The samples are those from `begin` on and before `end`. */
  readonly begin: number
  readonly end: number
  #drops: Int32Array | undefined

  constructor({ times, values }: SampleArrays, begin: number, end: number) {
    this.times = times
    this.values = values
    this.begin = begin
    this.end = end
  }

  /** The indices of the samples that are smaller than the one before them: of a counter, its resets. */
  get drops(): Int32Array {
    this.#drops ??= dropsOf(this)
    return this.#drops
  }
}

function dropsOf({ values, begin, end }: SampleRun): Int32Array {
  const drops: number[] = []
  for (let i = begin + 1; i < end; i++) {
    if ((values[i] ?? 0) < (values[i - 1] ?? 0)) drops.push(i)
  }
  return Int32Array.from(drops)
}

/** The samples of a series that a range holds at one step: those from `from` on and before `to`. Never empty. */
export interface Window {
  readonly run: SampleRun
  readonly from: number
  readonly to: number
  /** The range in milliseconds since the epoch: left-open. */
  readonly startMs: number
  readonly endMs: number
  /** The time of the evaluation: of another one than the end of the range, when that is shifted. */
  readonly atMs: number
}

export interface RangedSeries {
  readonly labels: Labels
  readonly dropName: boolean
  readonly run: SampleRun
}

/** What a range function makes of a window; undefined: nothing. */
export type WindowFunction = (window: Window, step: number, series: RangedSeries) => number | undefined

/** A range vector over the steps of a grid. */
export class RangeVector {
  readonly grid: Grid
  readonly rangeMs: number
  readonly series: readonly RangedSeries[]
  readonly #endAt: (atMs: number) => number

  /** @param endAt when the range of an evaluation at a time ends */
  constructor(grid: Grid, rangeMs: number, series: readonly RangedSeries[], endAt: (atMs: number) => number) {
    this.grid = grid
    this.rangeMs = rangeMs
    this.series = series
    this.#endAt = endAt
  }

  /** Applies a function to every window that is not empty. */
  map(meaning: WindowFunction, { keepName = false } = {}): Vector {
    return this.series.map((series) => this.#column(series, meaning, series.dropName || !keepName))
  }

  #column(series: RangedSeries, meaning: WindowFunction, dropName: boolean): Column {
    const { run } = series
    const { times, end } = run
    const column = emptyColumn(series.labels, dropName, this.grid.count)
    let from = run.begin
    let to = run.begin
    for (let step = 0; step < this.grid.count; step++) {
      const atMs = this.grid.timeAt(step)
      const endMs = this.#endAt(atMs)
      const startMs = endMs - this.rangeMs
      // The windows of later steps never begin or end earlier.
      while (to < end && (times[to] ?? 0) <= endMs) to++
      while (from < to && (times[from] ?? 0) <= startMs) from++
      if (from === to) continue
      const value = meaning({ run, from, to, startMs, endMs, atMs }, step, series)
      if (value !== undefined) setValue(column, step, value)
    }
    return column
  }
}

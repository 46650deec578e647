import type { MatrixSelector, TimeShift, VectorSelector } from './ast.ts'
import type { Budget } from './budget.ts'
import type { Grid, QueryRange } from './grid.ts'
import type { SampleCursor, SeriesSource } from './source.ts'
import { type Column, emptyColumn, setValue, type Vector } from './values.ts'
import { type RangedSeries, RangeVector, SampleRun } from './windows.ts'

/** A series has a value for this long after its last sample, unless it said that it ended. */
const lookbackMs = 5 * 60_000

/** When a selector looks that is evaluated at a time. */
export type LookAt = (atMs: number) => number

/** Where and when a selector is evaluated. */
export interface Selecting {
  readonly source: SeriesSource
  readonly budget: Budget
  readonly grid: Grid
  readonly look: LookAt
}

/** Where `offset` and `@` make a selector or a subquery look. `@ start()` and `@ end()` are those of the whole query. */
export function lookAt({ offsetMs, at }: TimeShift, query: QueryRange): LookAt {
  if (at === undefined) return (atMs) => atMs - offsetMs
  const pinnedMs = at === 'start' ? query.startMs : at === 'end' ? query.endMs : at
  return () => pinnedMs - offsetMs
}

/** The value that each series has at each step: that of its newest sample, if that is not too old and not stale. */
export function instantVector(selecting: Selecting, selector: VectorSelector): Vector {
  return columnsOf(selecting, selector, ({ value }) => value)
}

/** The times of the samples that `instantVector` finds, in seconds since the epoch. */
export function sampleTimes(selecting: Selecting, selector: VectorSelector): Vector {
  return columnsOf(selecting, selector, ({ time }) => time / 1000)
}

function columnsOf(
  { source, budget, grid, look }: Selecting,
  { matchers }: VectorSelector,
  read: (cursor: SampleCursor) => number,
): Vector {
  const columns: Column[] = []
  for (const series of source.select(matchers)) {
    budget.take(grid.count)
    const column = emptyColumn(series.labels, false, grid.count)
    const cursor = series.cursor()
    let found = false
    for (let step = 0; step < grid.count; step++) {
      const atMs = look(grid.timeAt(step))
      if (!cursor.moveTo(atMs, atMs - lookbackMs)) continue
      found = true
      setValue(column, step, read(cursor))
    }
    if (found) columns.push(column)
  }
  return columns
}

/** The samples of each series in the range before each step. */
export function rangeVector({ source, budget, grid, look }: Selecting, selector: MatrixSelector): RangeVector {
  const { vector, rangeMs } = selector
  const after = look(grid.startMs) - rangeMs
  const until = look(grid.endMs)
  const selected = source.select(vector.matchers)
  const count = selected.reduce((sum, series) => sum + series.countSamples(after, until), 0)
  budget.take(count + selected.length * grid.count)
  const samples = { times: new Float64Array(count), values: new Float64Array(count) }
  const ranged: RangedSeries[] = []
  let end = 0
  for (const series of selected) {
    const begin = end
    end = series.copySamples(after, until, samples, begin)
    if (end > begin) ranged.push({ labels: series.labels, dropName: false, run: new SampleRun(samples, begin, end) })
  }
  return new RangeVector(grid, rangeMs, ranged, look)
}

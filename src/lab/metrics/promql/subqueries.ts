import type { Subquery } from './ast.ts'
import { Grid } from './grid.ts'
import type { LookAt } from './selectors.ts'
import { type Column, mergeSameLabels, type Vector, valueAt } from './values.ts'
import { type RangedSeries, RangeVector, SampleRun } from './windows.ts'

/** The step of a subquery that names none: Prometheus' default evaluation interval. */
const defaultStepMs = 60_000

/**
 * The times at which the expression of a subquery is evaluated, for all ranges of a grid together. They are multiples of
 * its step, whenever the query itself is evaluated. Undefined when none of them is in a range.
 */
export function subqueryGrid(
  { rangeMs, stepMs = defaultStepMs }: Subquery,
  grid: Grid,
  look: LookAt,
): Grid | undefined {
  const after = look(grid.startMs) - rangeMs
  const firstMs = Math.floor(after / stepMs) * stepMs + stepMs
  const lastMs = look(grid.endMs)
  return lastMs < firstMs ? undefined : Grid.range(firstMs, lastMs, stepMs)
}

/** What an expression evaluated to at many times, as the samples of series. */
export function rangeOfVector(vector: Vector, inner: Grid, rangeMs: number, grid: Grid, look: LookAt): RangeVector {
  return new RangeVector(
    grid,
    rangeMs,
    mergeSameLabels(vector).map((column) => seriesOf(column, inner)),
    look,
  )
}

function seriesOf(column: Column, inner: Grid): RangedSeries {
  const { labels, dropName, present } = column
  const count = present.reduce((sum, there) => sum + there, 0)
  const times = new Float64Array(count)
  const values = new Float64Array(count)
  let at = 0
  for (let step = 0; step < present.length; step++) {
    if (!present[step]) continue
    times[at] = inner.timeAt(step)
    values[at] = valueAt(column, step)
    at++
  }
  return { labels, dropName, run: new SampleRun({ times, values }, 0, count) }
}

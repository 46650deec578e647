import { type Labels, withoutMetadata } from '../labels.ts'
import { Annotations } from './annotations.ts'
import type { Expression } from './ast.ts'
import { inWords, typeOf } from './check-types.ts'
import { QueryError } from './errors.ts'
import { Evaluator } from './evaluator.ts'
import { Grid, type QueryRange } from './grid.ts'
import { parseQuery } from './parser.ts'
import type { SeriesSource } from './source.ts'
import { type Column, finished, sortedByLabels, type Value, valueAt } from './values.ts'
import type { RangeVector } from './windows.ts'

export interface VectorElement {
  readonly labels: Labels
  readonly value: number
}

export interface MatrixElement {
  readonly labels: Labels
  /** Milliseconds since the epoch, in order. */
  readonly times: Float64Array
  /** The values of these times. */
  readonly values: Float64Array
}

export type Result =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: 'vector'; readonly elements: readonly VectorElement[] }
  | { readonly type: 'matrix'; readonly elements: readonly MatrixElement[] }

export interface Answer {
  readonly result: Result
  /** What makes the result doubtful. */
  readonly warnings: readonly string[]
  /** What may be meant so, and is worth a look. */
  readonly infos: readonly string[]
}

/**
 * What a query means at a time: PromQL with the meaning that it has in Prometheus 3, native histograms and
 * experimental syntax left out.
 *
 * @throws QueryError
 */
export function instantQuery(query: string, source: SeriesSource, atMs: number): Answer {
  const expression = parseQuery(query)
  const grid = Grid.instant(atMs)
  return answer(query, source, { startMs: atMs, endMs: atMs, stepMs: 0 }, (evaluator) =>
    typeOf(expression) === 'matrix'
      ? matrixOfRanges(evaluator.ranges(expression, grid))
      : instantResult(evaluator.evaluate(expression, grid)),
  )
}

/**
 * What a query means at each step from a time to another.
 *
 * @throws QueryError
 */
export function rangeQuery(query: string, source: SeriesSource, range: QueryRange): Answer {
  const expression = parseQuery(query)
  requireRangeable(expression)
  const grid = Grid.range(range.startMs, range.endMs, range.stepMs)
  return answer(query, source, range, (evaluator) => rangeResult(evaluator.evaluate(expression, grid), grid))
}

function answer(
  query: string,
  source: SeriesSource,
  range: QueryRange,
  evaluate: (evaluator: Evaluator) => Result,
): Answer {
  const annotations = new Annotations(query)
  const result = evaluate(new Evaluator(source, range, annotations))
  return { result, warnings: annotations.warnings, infos: annotations.infos }
}

function requireRangeable(expression: Expression): void {
  const type = typeOf(expression)
  if (type === 'scalar' || type === 'vector') return
  throw new QueryError(`invalid expression type "${inWords(type)}" for range query, must be Scalar or instant Vector`)
}

function instantResult(value: Value): Result {
  if (value.type === 'string') return value
  if (value.type === 'scalar') return { type: 'scalar', value: value.values[0] ?? Number.NaN }
  const elements = finished(value.columns).map((column) => ({ labels: column.labels, value: valueAt(column, 0) }))
  return { type: 'vector', elements }
}

function rangeResult(value: Value, grid: Grid): Result {
  if (value.type === 'string') return value
  const times = Float64Array.from({ length: grid.count }, (_, step) => grid.timeAt(step))
  if (value.type === 'scalar') return { type: 'matrix', elements: [{ labels: {}, times, values: value.values }] }
  const elements = finished(value.columns).map((column) => elementOf(column, times))
  return { type: 'matrix', elements: sortedByLabels(elements) }
}

/** The values that there are, with their times. */
function elementOf({ labels, values, present }: Column, times: Float64Array): MatrixElement {
  if (!present.includes(0)) return { labels, times, values }
  const isThere = (_: number, step: number) => present[step] === 1
  return { labels, times: times.filter(isThere), values: values.filter(isThere) }
}

function matrixOfRanges({ series }: RangeVector): Result {
  const elements = series.map(({ labels, dropName, run }) => ({
    labels: dropName ? withoutMetadata(labels) : labels,
    times: run.times.subarray(run.begin, run.end),
    values: run.values.subarray(run.begin, run.end),
  }))
  return { type: 'matrix', elements: sortedByLabels(elements) }
}

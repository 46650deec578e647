import { type Labels, withoutMetadata } from '../labels.ts'
import type { Sample } from '../samples.ts'
import { Annotations } from './annotations.ts'
import type { Expression } from './ast.ts'
import { inWords, typeOf } from './check-types.ts'
import { QueryError } from './errors.ts'
import { Evaluator } from './evaluator.ts'
import { Grid, type QueryRange } from './grid.ts'
import { parseQuery } from './parser.ts'
import type { SeriesSource } from './source.ts'
import { finished, isPresent, sortedByLabels, type Value, valueAt } from './values.ts'
import type { RangeVector, SampleRun } from './windows.ts'

export interface VectorElement {
  readonly labels: Labels
  readonly value: number
}

export interface MatrixElement {
  readonly labels: Labels
  readonly samples: readonly Sample[]
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
  if (value.type === 'scalar') {
    const samples = Array.from(value.values, (number, step) => ({ at: grid.timeAt(step), value: number }))
    return { type: 'matrix', elements: [{ labels: {}, samples }] }
  }
  const elements = finished(value.columns).map((column) => {
    const samples: Sample[] = []
    for (let step = 0; step < grid.count; step++) {
      if (isPresent(column, step)) samples.push({ at: grid.timeAt(step), value: valueAt(column, step) })
    }
    return { labels: column.labels, samples }
  })
  return { type: 'matrix', elements: sortedByLabels(elements) }
}

function matrixOfRanges({ series }: RangeVector): Result {
  const elements = series.map(({ labels, dropName, run }) => ({
    labels: dropName ? withoutMetadata(labels) : labels,
    samples: samplesOf(run),
  }))
  return { type: 'matrix', elements: sortedByLabels(elements) }
}

function samplesOf({ times, values, begin, end }: SampleRun): Sample[] {
  return Array.from({ length: end - begin }, (_, i) => ({
    at: times[begin + i] ?? Number.NaN,
    value: values[begin + i] ?? Number.NaN,
  }))
}

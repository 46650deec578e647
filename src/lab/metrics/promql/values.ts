import { compareLabels, keyOf, type Labels, withoutMetadata } from '../labels.ts'
import { EvaluationError } from './errors.ts'
import type { Grid } from './grid.ts'

/** A series of a vector: for each step of a grid a value, or none. */
export interface Column {
  readonly labels: Labels
  /** Its name no longer says what it is. It is dropped at the very end, so that labels can be made of it until then. */
  readonly dropName: boolean
  readonly values: Float64Array
  /** For each step whether there is a value: 1 or 0. */
  readonly present: Uint8Array
}

/** Instant vectors, one for each step of a grid. */
export type Vector = readonly Column[]

/** What an expression evaluates to, over all steps of a grid. */
export type Value =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly columns: Vector }
  | { readonly type: 'string'; readonly text: string }

export function emptyColumn(labels: Labels, dropName: boolean, count: number): Column {
  return { labels, dropName, values: new Float64Array(count), present: new Uint8Array(count) }
}

export function setValue(column: Column, step: number, value: number): void {
  column.values[step] = value
  column.present[step] = 1
}

/** The value of a step; only meaningful where it is present. */
export function valueAt(column: Column, step: number): number {
  return column.values[step] ?? Number.NaN
}

export function isPresent(column: Column, step: number): boolean {
  return column.present[step] === 1
}

/** Every value replaced, and the name dropped: it is not that metric any more. */
export function mapValues(vector: Vector, meaning: (value: number, step: number) => number): Vector {
  return vector.map(({ labels, values, present }) => ({
    labels,
    dropName: true,
    values: values.map(meaning),
    present,
  }))
}

/** A scalar as the vector that has it as its only element, without labels. */
export function vectorOfScalar(values: Float64Array): Vector {
  return [{ labels: {}, dropName: false, values, present: new Uint8Array(values.length).fill(1) }]
}

export function constant(value: number, grid: Grid): Float64Array {
  return new Float64Array(grid.count).fill(value)
}

/**
 * Columns of the same labels become one.
 *
 * @throws EvaluationError when two of them have a value at the same step
 */
export function mergeSameLabels(vector: Vector): Vector {
  const byKey = new Map<string, Column>()
  for (const column of vector) {
    const key = keyOf(column.labels)
    const same = byKey.get(key)
    byKey.set(key, same ? merged(same, column) : column)
  }
  return byKey.size === vector.length ? vector : [...byKey.values()]
}

function merged(first: Column, second: Column): Column {
  const { labels, dropName } = first
  const column = { labels, dropName, values: first.values.slice(), present: first.present.slice() }
  for (let step = 0; step < second.present.length; step++) {
    if (!isPresent(second, step)) continue
    if (isPresent(column, step)) throw new EvaluationError('vector cannot contain metrics with the same labelset')
    setValue(column, step, valueAt(second, step))
  }
  return column
}

/** The vector as people see it: without the names that mean nothing any more, and without what has no value at all. */
export function finished(vector: Vector): Vector {
  const columns = vector
    .filter(({ present }) => present.includes(1))
    .map((column) => (column.dropName ? { ...column, labels: withoutMetadata(column.labels) } : column))
  return mergeSameLabels(columns)
}

export function sortedByLabels<Element extends { readonly labels: Labels }>(elements: readonly Element[]): Element[] {
  return elements.toSorted((a, b) => compareLabels(a.labels, b.labels))
}

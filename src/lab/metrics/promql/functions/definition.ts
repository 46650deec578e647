import type { Annotations } from '../annotations.ts'
import type { Expression, Span } from '../ast.ts'
import type { Grid, QueryRange } from '../grid.ts'
import { mapValues, type Value, type Vector } from '../values.ts'
import type { RangeVector, WindowFunction } from '../windows.ts'

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

/** The arguments of a call, evaluated when they are asked for. */
export interface Arguments {
  /** How many there are. */
  readonly count: number
  readonly grid: Grid
  /** The bounds of the query itself: within a subquery the grid is another one. */
  readonly query: QueryRange
  readonly annotations: Annotations
  /** Where the call stands. */
  readonly span: Span
  expression(index: number): Expression
  scalar(index: number): Float64Array
  string(index: number): string
  vector(index: number): Vector
  matrix(index: number): RangeVector
  /** The times of the samples that a selector selects, in seconds; undefined when the argument is no selector. */
  sampleTimes(index: number): Vector | undefined
}

/** A function of PromQL: the types of its parameters and what it means. */
export interface FunctionDefinition {
  readonly parameters: readonly ValueType[]
  /** How many of the parameters must be given; all, unless it is said. */
  readonly required?: number
  /** Whether the last parameter may be given any number of times. */
  readonly variadic?: boolean
  readonly returns: 'scalar' | 'vector'
  /** Whether its result may differ from step to step although its arguments do not: it looks at the time. */
  readonly dependsOnTime?: boolean
  evaluate(call: Arguments): Value
}

export type Functions = Readonly<Record<string, FunctionDefinition>>

export function vectorValue(columns: Vector): Value {
  return { type: 'vector', columns }
}

/** A function of each value of a vector. */
export function perValue(meaning: (value: number) => number): FunctionDefinition {
  return {
    parameters: ['vector'],
    returns: 'vector',
    evaluate: (call) => vectorValue(mapValues(call.vector(0), meaning)),
  }
}

/** A function of each window of a range vector. */
export function perWindow(meaning: WindowFunction, options: { keepName?: boolean } = {}): FunctionDefinition {
  return {
    parameters: ['matrix'],
    returns: 'vector',
    evaluate: (call) => vectorValue(call.matrix(0).map(meaning, options)),
  }
}

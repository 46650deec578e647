import type { LabelMatcher } from '../matchers.ts'

/** Where something stands in a query: offsets, the end excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface NumberLiteral {
  readonly type: 'number'
  readonly value: number
  readonly span: Span
}

export interface StringLiteral {
  readonly type: 'string'
  readonly value: string
  readonly span: Span
}

/** When a selector or a subquery looks, if not at the time of the evaluation. */
export interface TimeShift {
  /** `offset`: how much earlier. */
  readonly offsetMs: number
  /** `@`: at a fixed time, in milliseconds since the epoch, or at an end of the query's range. */
  readonly at?: number | 'start' | 'end'
}

/** The series that all matchers select, each with its value at one time. */
export interface VectorSelector {
  readonly type: 'vector selector'
  readonly matchers: readonly LabelMatcher[]
  readonly shift: TimeShift
  readonly span: Span
}

/** The same series, each with its samples of the time before. */
export interface MatrixSelector {
  readonly type: 'matrix selector'
  readonly vector: VectorSelector
  readonly rangeMs: number
  readonly shift: TimeShift
  readonly span: Span
}

/** An expression evaluated at many times before, as if those were the samples of a series. */
export interface Subquery {
  readonly type: 'subquery'
  readonly expression: Expression
  readonly rangeMs: number
  /** Undefined: the default of the server. */
  readonly stepMs: number | undefined
  readonly shift: TimeShift
  readonly span: Span
}

export interface Call {
  readonly type: 'call'
  readonly name: string
  readonly parameters: readonly Expression[]
  readonly span: Span
}

export interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

export interface Aggregation {
  readonly type: 'aggregation'
  readonly operator: AggregationOperator
  readonly parameter: Expression | undefined
  readonly expression: Expression
  readonly grouping: Grouping
  readonly span: Span
}

export interface Unary {
  readonly type: 'unary'
  readonly operator: '+' | '-'
  readonly expression: Expression
  readonly span: Span
}

/** Which elements of two vectors belong together. */
export interface Matching {
  /** `one-to-one`, or the side that may have many elements for one of the other. */
  readonly cardinality: 'one-to-one' | 'many-left' | 'many-right'
  /** Whether the labels are those that count (`on`), or those that do not (`ignoring`). */
  readonly on: boolean
  readonly labels: readonly string[]
  /** The labels that the result gets from the side of the one. */
  readonly include: readonly string[]
}

export interface Binary {
  readonly type: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly returnBool: boolean
  readonly matching: Matching
  readonly span: Span
}

export interface Parenthesised {
  readonly type: 'parentheses'
  readonly expression: Expression
  readonly span: Span
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Unary
  | Binary
  | Parenthesised

export const aggregationOperators = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const

export type AggregationOperator = (typeof aggregationOperators)[number]

export const arithmeticOperators = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
export const comparisonOperators = ['==', '!=', '<', '>', '<=', '>='] as const
export const setOperators = ['and', 'or', 'unless'] as const

export type ArithmeticOperator = (typeof arithmeticOperators)[number]
export type ComparisonOperator = (typeof comparisonOperators)[number]
export type SetOperator = (typeof setOperators)[number]
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return comparisonOperators.some((candidate) => candidate === operator)
}

export function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return setOperators.some((candidate) => candidate === operator)
}

/** The expression that parentheses hold: they mean nothing to what is around them. */
export function withoutParentheses(expression: Expression): Expression {
  return expression.type === 'parentheses' ? withoutParentheses(expression.expression) : expression
}

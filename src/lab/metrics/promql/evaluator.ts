import { aggregate, type Parameter } from './aggregations/index.ts'
import type { Annotations } from './annotations.ts'
import {
  type Aggregation,
  type Binary,
  type Call,
  type Expression,
  isSetOperator,
  type MatrixSelector,
  type Subquery,
  type Unary,
  withoutParentheses,
} from './ast.ts'
import { ofScalars, ofVectorAndScalar } from './binary/scalars.ts'
import { setOperation } from './binary/sets.ts'
import { ofVectors } from './binary/vectors.ts'
import { Budget } from './budget.ts'
import type { Arguments } from './functions/definition.ts'
import { functionNamed } from './functions/index.ts'
import { Grid, type QueryRange } from './grid.ts'
import { instantVector, type LookAt, lookAt, rangeVector, type Selecting, sampleTimes } from './selectors.ts'
import type { SeriesSource } from './source.ts'
import { isStepInvariant } from './step-invariance.ts'
import { rangeOfVector, subqueryGrid } from './subqueries.ts'
import { constant, mapValues, type Value, type Vector } from './values.ts'
import { RangeVector } from './windows.ts'

/**
 * Evaluates expressions whose types fit. Each is evaluated once, for all steps of a grid together: a vector is a table
 * with a column for each series, so that labels are compared once and not at every step.
 */
export class Evaluator {
  readonly #source: SeriesSource
  readonly #query: QueryRange
  readonly #annotations: Annotations
  readonly #budget = new Budget()

  /** @param query the bounds of the whole query, which `start()`, `end()`, `range()` and `step()` speak of */
  constructor(source: SeriesSource, query: QueryRange, annotations: Annotations) {
    this.#source = source
    this.#query = query
    this.#annotations = annotations
  }

  /** @throws EvaluationError */
  evaluate(expression: Expression, grid: Grid): Value {
    if (grid.count > 1 && isStepInvariant(expression)) {
      return repeated(this.#evaluate(expression, Grid.instant(grid.startMs)), grid)
    }
    return this.#evaluate(expression, grid)
  }

  /** The samples that a range holds: of a range selector or a subquery. */
  ranges(expression: Expression, grid: Grid): RangeVector {
    const ranged = withoutParentheses(expression)
    if (ranged.type === 'matrix selector') return this.#selectedRanges(ranged, grid)
    if (ranged.type === 'subquery') return this.#subquery(ranged, grid)
    throw new TypeError(`a ${ranged.type} has no range`)
  }

  #evaluate(expression: Expression, grid: Grid): Value {
    switch (expression.type) {
      case 'number':
        return { type: 'scalar', values: constant(expression.value, grid) }
      case 'string':
        return { type: 'string', text: expression.value }
      case 'parentheses':
        return this.evaluate(expression.expression, grid)
      case 'vector selector': {
        const look = lookAt(expression.shift, this.#query)
        return { type: 'vector', columns: instantVector(this.#selecting(grid, look), expression) }
      }
      case 'unary':
        return this.#unary(expression, grid)
      case 'binary':
        return this.#binary(expression, grid)
      case 'aggregation':
        return { type: 'vector', columns: this.#aggregation(expression, grid) }
      case 'call':
        return this.#call(expression, grid)
      case 'matrix selector':
      case 'subquery':
        throw new TypeError(`a ${expression.type} is no value`)
    }
  }

  #unary({ operator, expression }: Unary, grid: Grid): Value {
    const value = this.evaluate(expression, grid)
    if (operator === '+' || value.type === 'string') return value
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((number) => -number) }
    return { type: 'vector', columns: mapValues(value.columns, (number) => -number) }
  }

  #binary(binary: Binary, grid: Grid): Value {
    const { operator } = binary
    const left = this.evaluate(binary.left, grid)
    const right = this.evaluate(binary.right, grid)
    if (left.type === 'scalar' && right.type === 'scalar') {
      return { type: 'scalar', values: ofScalars(binary, left.values, right.values) }
    }
    return { type: 'vector', columns: this.#vectorOperation(binary, left, right, grid, operator) }
  }

  #vectorOperation(binary: Binary, left: Value, right: Value, grid: Grid, operator: Binary['operator']): Vector {
    if (left.type === 'vector' && right.type === 'scalar') {
      return ofVectorAndScalar(binary, left.columns, right.values, false)
    }
    if (left.type === 'scalar' && right.type === 'vector') {
      return ofVectorAndScalar(binary, right.columns, left.values, true)
    }
    const [first, second] = [columnsOf(left), columnsOf(right)]
    return isSetOperator(operator)
      ? setOperation(operator, binary, first, second)
      : ofVectors(binary, first, second, grid)
  }

  #aggregation(aggregation: Aggregation, grid: Grid): Vector {
    const parameter = this.#parameter(aggregation.parameter, grid)
    const vector = columnsOf(this.evaluate(aggregation.expression, grid))
    return aggregate(aggregation, vector, parameter, this.#annotations, grid.count)
  }

  #parameter(expression: Expression | undefined, grid: Grid): Parameter {
    if (!expression) return undefined
    const value = this.evaluate(expression, grid)
    return value.type === 'string' ? { label: value.text } : { values: valuesOf(value) }
  }

  #call(call: Call, grid: Grid): Value {
    const definition = functionNamed(call.name)
    if (!definition) throw new TypeError(`there is no function ${call.name}()`)
    return definition.evaluate(this.#argumentsOf(call, grid))
  }

  #argumentsOf({ parameters, span }: Call, grid: Grid): Arguments {
    const expression = (index: number): Expression => {
      const found = parameters[index]
      if (!found) throw new TypeError(`there is no argument ${index}`)
      return found
    }
    return {
      count: parameters.length,
      grid,
      query: this.#query,
      annotations: this.#annotations,
      span,
      expression,
      scalar: (index) => valuesOf(this.evaluate(expression(index), grid)),
      string: (index) => textOf(this.evaluate(expression(index), grid)),
      vector: (index) => columnsOf(this.evaluate(expression(index), grid)),
      matrix: (index) => this.ranges(expression(index), grid),
      sampleTimes: (index) => {
        const selector = withoutParentheses(expression(index))
        if (selector.type !== 'vector selector') return undefined
        return sampleTimes(this.#selecting(grid, lookAt(selector.shift, this.#query)), selector)
      },
    }
  }

  #selectedRanges(selector: MatrixSelector, grid: Grid): RangeVector {
    return rangeVector(this.#selecting(grid, lookAt(selector.shift, this.#query)), selector)
  }

  #selecting(grid: Grid, look: LookAt): Selecting {
    return { source: this.#source, budget: this.#budget, grid, look }
  }

  #subquery(subquery: Subquery, grid: Grid): RangeVector {
    const look = lookAt(subquery.shift, this.#query)
    const inner = subqueryGrid(subquery, grid, look)
    if (!inner) return new RangeVector(grid, subquery.rangeMs, [], look)
    this.#budget.take(inner.count)
    const vector = columnsOf(this.evaluate(subquery.expression, inner))
    return rangeOfVector(vector, inner, subquery.rangeMs, grid, look)
  }
}

/** The same value at every step. */
function repeated(value: Value, grid: Grid): Value {
  if (value.type === 'string') return value
  if (value.type === 'scalar') return { type: 'scalar', values: constant(value.values[0] ?? Number.NaN, grid) }
  const columns = value.columns.map((column) => ({
    ...column,
    values: constant(column.values[0] ?? Number.NaN, grid),
    present: new Uint8Array(grid.count).fill(column.present[0] ?? 0),
  }))
  return { type: 'vector', columns }
}

function valuesOf(value: Value): Float64Array {
  if (value.type !== 'scalar') throw new TypeError(`expected a scalar, found a ${value.type}`)
  return value.values
}

function columnsOf(value: Value): Vector {
  if (value.type !== 'vector') throw new TypeError(`expected a vector, found a ${value.type}`)
  return value.columns
}

function textOf(value: Value): string {
  if (value.type !== 'string') throw new TypeError(`expected a string, found a ${value.type}`)
  return value.text
}

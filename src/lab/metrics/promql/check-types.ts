import {
  type Aggregation,
  type Binary,
  type Call,
  type Expression,
  isComparison,
  isSetOperator,
  type Span,
} from './ast.ts'
import { parseError } from './errors.ts'
import type { FunctionDefinition, ValueType } from './functions/definition.ts'
import { functionNamed } from './functions/index.ts'

const typeInWords: Record<ValueType, string> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
}

/** @throws QueryError when an expression stands where it does not fit, in Prometheus' words */
export function checkTypes(query: string, expression: Expression): void {
  new TypeChecker(query).check(expression)
}

/** The type of an expression whose parts fit. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.type) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'vector selector':
    case 'aggregation':
      return 'vector'
    case 'matrix selector':
    case 'subquery':
      return 'matrix'
    case 'call':
      return functionNamed(expression.name)?.returns ?? 'vector'
    case 'unary':
    case 'parentheses':
      return typeOf(expression.expression)
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'vector'
  }
}

export function inWords(type: ValueType): string {
  return typeInWords[type]
}

class TypeChecker {
  readonly #query: string

  constructor(query: string) {
    this.#query = query
  }

  check(expression: Expression): ValueType {
    switch (expression.type) {
      case 'call':
        this.#call(expression)
        break
      case 'aggregation':
        this.#aggregation(expression)
        break
      case 'binary':
        this.#binary(expression)
        break
      case 'parentheses':
        this.check(expression.expression)
        break
      case 'unary': {
        const type = this.check(expression.expression)
        const fits = type === 'scalar' || type === 'vector'
        if (!fits) {
          const found = `got "${inWords(type)}"`
          throw this.#fault(
            expression.span,
            `unary expression only allowed on expressions of type scalar or instant vector, ${found}`,
          )
        }
        break
      }
      case 'subquery': {
        const type = this.check(expression.expression)
        if (type !== 'vector') {
          throw this.#fault(expression.span, `subquery is only allowed on instant vector, got ${inWords(type)} instead`)
        }
        break
      }
      default:
    }
    return typeOf(expression)
  }

  #call({ name, parameters, span }: Call): void {
    const definition = functionNamed(name)
    if (!definition) throw this.#fault(span, `unknown function with name "${name}"`)
    this.#count(name, definition, parameters.length, span)
    for (const [i, parameter] of parameters.entries()) {
      const expected = definition.parameters[Math.min(i, definition.parameters.length - 1)]
      if (expected) this.#expect(parameter, expected, `call to function "${name}"`)
    }
  }

  #count(name: string, { parameters, required, variadic }: FunctionDefinition, count: number, span: Span): void {
    const least = required ?? parameters.length
    const most = variadic ? Number.POSITIVE_INFINITY : parameters.length
    if (count >= least && count <= most) return
    const bound = least === most ? '' : count < least ? 'at least ' : 'at most '
    const expected = count < least ? least : most
    throw this.#fault(span, `expected ${bound}${expected} argument(s) in call to "${name}", got ${count}`)
  }

  #aggregation({ operator, parameter, expression }: Aggregation): void {
    this.#expect(expression, 'vector', 'aggregation expression')
    if (!parameter) return
    this.#expect(parameter, operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter')
  }

  #binary({ operator, left, right, returnBool, matching, span }: Binary): void {
    const types = [left, right].map((side) => {
      const type = this.check(side)
      if (type === 'scalar' || type === 'vector') return type
      throw this.#fault(side.span, 'binary expression must contain only scalar and instant vector types')
    })
    const scalars = types.filter((type) => type === 'scalar').length
    if (returnBool && !isComparison(operator)) {
      throw this.#fault(span, 'bool modifier can only be used on comparison operators')
    }
    if (isComparison(operator) && !returnBool && scalars === 2) {
      throw this.#fault(span, 'comparisons between scalars must use BOOL modifier')
    }
    if (isSetOperator(operator) && scalars > 0) {
      throw this.#fault(span, `set operator "${operator}" not allowed in binary scalar expression`)
    }
    if (isSetOperator(operator) && matching.cardinality !== 'one-to-one') {
      throw this.#fault(span, `no grouping allowed for "${operator}" operation`)
    }
    if (scalars > 0 && matching.labels.length > 0) {
      throw this.#fault(span, 'vector matching only allowed between instant vectors')
    }
    const twice = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined
    if (twice !== undefined) {
      throw this.#fault(span, `label "${twice}" must not occur in ON and GROUP clause at once`)
    }
  }

  #expect(expression: Expression, expected: ValueType, where: string): void {
    const type = this.check(expression)
    if (type === expected) return
    throw this.#fault(expression.span, `expected type ${inWords(expected)} in ${where}, got ${inWords(type)}`)
  }

  #fault({ start }: Span, message: string) {
    return parseError(this.#query, start, message)
  }
}

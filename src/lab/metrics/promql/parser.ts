import {
  type Aggregation,
  type AggregationOperator,
  aggregationOperators,
  type Binary,
  type BinaryOperator,
  type Call,
  type Expression,
  type Grouping,
  type Matching,
  type VectorSelector,
} from './ast.ts'
import { checkTypes } from './check-types.ts'
import { durationMs, numberOf } from './durations.ts'
import { NotSupportedError, parseError } from './errors.ts'
import { functionNamed } from './functions/index.ts'
import { modified } from './parse-modifiers.ts'
import { vectorSelector } from './parse-selector.ts'
import { TokenReader } from './token-reader.ts'

/** How close the operators bind. The closest, `^`, is the only one that binds to the right first. */
const precedence: Record<BinaryOperator, number> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
}

/**
 * Reads PromQL: by precedence climbing, with the grammar of Prometheus 3. What it does not know is refused by its name.
 *
 * @throws QueryError
 */
export function parseQuery(query: string): Expression {
  const reader = new TokenReader(query)
  if (reader.atEnd) throw parseError(query, 0, 'no expression found in input')
  const expression = binaryExpression(reader, 0)
  if (!reader.atEnd) throw reader.unexpected('after the expression')
  checkTypes(query, expression)
  return expression
}

/** Reads one selector without a range, as the `match[]` of the series API. @throws QueryError */
export function parseSelector(query: string): VectorSelector {
  const expression = parseQuery(query)
  if (expression.type !== 'vector selector') throw parseError(query, 0, 'expected a selector without a range')
  return expression
}

/** An operand and all operators after it that bind closer than `binding`. */
function binaryExpression(reader: TokenReader, binding: number): Expression {
  let left = unaryExpression(reader)
  for (;;) {
    const operator = operatorNext(reader)
    if (!operator || precedence[operator] <= binding) return left
    left = binary(reader, left, operator)
  }
}

function binary(reader: TokenReader, left: Expression, operator: BinaryOperator): Binary {
  reader.take()
  const returnBool = reader.skipKeyword('bool') !== undefined
  const matching = vectorMatching(reader)
  const right = binaryExpression(reader, operator === '^' ? precedence[operator] - 1 : precedence[operator])
  const span = { start: left.span.start, end: right.span.end }
  return { type: 'binary', operator, left, right, returnBool, matching, span }
}

function operatorNext(reader: TokenReader): BinaryOperator | undefined {
  const { kind, text } = reader.next
  if (kind !== 'symbol' && kind !== 'identifier') return undefined
  if (kind === 'symbol' && isTrimming(reader)) throw new NotSupportedError(`the operator ${text}/ (a native histogram)`)
  const word = text.toLowerCase()
  return isBinaryOperator(word) ? word : undefined
}

/** `</` and `>/` cut native histograms. */
function isTrimming(reader: TokenReader): boolean {
  const { text, end } = reader.next
  const after = reader.lookAhead(1)
  return (text === '<' || text === '>') && after.text === '/' && after.start === end
}

function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(precedence, text)
}

function vectorMatching(reader: TokenReader): Matching {
  const restriction = reader.skipKeyword('on', 'ignoring')
  const labels = restriction ? labelNames(reader) : []
  const group = restriction ? reader.skipKeyword('group_left', 'group_right') : undefined
  const include = group && reader.atSymbol('(') ? labelNames(reader) : []
  if (reader.atKeyword('fill', 'fill_left', 'fill_right') && reader.lookAhead(1).text === '(') {
    throw new NotSupportedError(`the modifier ${reader.next.text}`)
  }
  const cardinality = group === undefined ? 'one-to-one' : group === 'group_left' ? 'many-left' : 'many-right'
  return { cardinality, on: restriction === 'on', labels, include }
}

/** A sign binds as `*` does: `-a^b` is `-(a^b)`. */
function unaryExpression(reader: TokenReader): Expression {
  const { start, text } = reader.next
  if (!reader.atSymbol('+') && !reader.atSymbol('-')) return modified(reader, primary(reader))
  reader.take()
  const expression = binaryExpression(reader, precedence['*'])
  const operator = text === '-' ? '-' : '+'
  return { type: 'unary', operator, expression, span: { start, end: expression.span.end } }
}

function primary(reader: TokenReader): Expression {
  const { kind, text, start } = reader.next
  if (kind === 'number' || (kind === 'identifier' && /^(?:inf|nan)$/i.test(text))) {
    reader.take()
    return { type: 'number', value: numberOf(text), span: reader.spanFrom(start) }
  }
  if (kind === 'duration') return durationLiteral(reader)
  if (kind === 'string') {
    reader.take()
    return { type: 'string', value: text, span: reader.spanFrom(start) }
  }
  if (reader.skipSymbol('(')) {
    const expression = binaryExpression(reader, 0)
    reader.takeSymbol(')')
    return { type: 'parentheses', expression, span: reader.spanFrom(start) }
  }
  if (kind === 'identifier' && aggregationNext(reader)) return aggregation(reader)
  if (kind === 'identifier' && reader.lookAhead(1).text === '(') return call(reader)
  if (kind === 'identifier' || reader.atSymbol('{')) return vectorSelector(reader)
  throw reader.unexpected('where an expression was expected')
}

/** A duration where a number is expected is one of seconds. */
function durationLiteral(reader: TokenReader): Expression {
  const { text, start } = reader.next
  const milliseconds = durationMs(text)
  if (milliseconds === undefined) throw reader.unexpected('where a duration from large to small units was expected')
  reader.take()
  return { type: 'number', value: milliseconds / 1000, span: reader.spanFrom(start) }
}

function call(reader: TokenReader): Call {
  const { text: name, start } = reader.take()
  // One that is beyond this server is refused before its arguments are read: some have a grammar of their own.
  functionNamed(name)
  const parameters = reader.listBetween('(', ')', () => binaryExpression(reader, 0))
  return { type: 'call', name, parameters, span: reader.spanFrom(start) }
}

/** The names of aggregations may also be names of metrics: what follows tells. */
function aggregationNext(reader: TokenReader): boolean {
  if (!isAggregationOperator(reader.next.text.toLowerCase())) return false
  const { kind, text } = reader.lookAhead(1)
  return (kind === 'symbol' && text === '(') || (kind === 'identifier' && /^(?:by|without)$/i.test(text))
}

function aggregation(reader: TokenReader): Aggregation {
  const { text, start } = reader.take()
  const operator = text.toLowerCase()
  if (!isAggregationOperator(operator)) throw reader.unexpected('where an aggregation was expected')
  const before = grouping(reader)
  const parameters = reader.listBetween('(', ')', () => binaryExpression(reader, 0))
  const after = before ?? grouping(reader)
  const span = reader.spanFrom(start)
  const expected = operatorsWithParameter.has(operator) ? 2 : 1
  const expression = parameters.at(-1)
  if (!expression || parameters.length !== expected) {
    throw reader.fault(
      span,
      `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${parameters.length}`,
    )
  }
  const parameter = expected === 2 ? parameters[0] : undefined
  return {
    type: 'aggregation',
    operator,
    parameter,
    expression,
    grouping: after ?? { without: false, labels: [] },
    span,
  }
}

const operatorsWithParameter = new Set<AggregationOperator>([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
])

function isAggregationOperator(text: string): text is AggregationOperator {
  return aggregationOperators.some((operator) => operator === text)
}

function grouping(reader: TokenReader): Grouping | undefined {
  const word = reader.skipKeyword('by', 'without')
  return word && { without: word === 'without', labels: labelNames(reader) }
}

function labelNames(reader: TokenReader): string[] {
  return reader.listBetween('(', ')', () => {
    const { kind, text } = reader.next
    if (kind !== 'identifier' && kind !== 'string') throw reader.unexpected('in grouping opts, expected label')
    reader.take()
    return text
  })
}

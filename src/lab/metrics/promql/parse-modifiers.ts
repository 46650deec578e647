import type { Expression, MatrixSelector, Subquery, TimeShift, VectorSelector } from './ast.ts'
import { durationMs, numberOf } from './durations.ts'
import { NotSupportedError } from './errors.ts'
import type { TokenReader } from './token-reader.ts'

type Shiftable = VectorSelector | MatrixSelector | Subquery

/**
 * What follows an expression and belongs to it alone: `[5m]`, `[5m:10s]`, `offset 1m`, `@ 1700000000`. They bind closer
 * than every operator.
 *
 * @throws QueryError
 */
export function modified(reader: TokenReader, expression: Expression): Expression {
  if (reader.atSymbol('[')) return modified(reader, ranged(reader, expression))
  if (reader.skipKeyword('offset')) return modified(reader, withOffset(reader, expression))
  if (reader.skipSymbol('@')) return modified(reader, pinned(reader, expression))
  const experimental = reader.skipKeyword('anchored', 'smoothed')
  if (experimental) throw new NotSupportedError(`the modifier ${experimental}`)
  return expression
}

function ranged(reader: TokenReader, expression: Expression): MatrixSelector | Subquery {
  const opening = reader.take()
  const rangeMs = positiveDurationMs(reader)
  const { start } = expression.span
  if (reader.skipSymbol(':')) {
    const stepMs = reader.atSymbol(']') ? undefined : positiveDurationMs(reader)
    reader.takeSymbol(']')
    return { type: 'subquery', expression, rangeMs, stepMs, shift: { offsetMs: 0 }, span: reader.spanFrom(start) }
  }
  reader.takeSymbol(']')
  if (expression.type !== 'vector selector') {
    throw reader.fault(opening, 'ranges only allowed for vector selectors')
  }
  const { offsetMs, at } = expression.shift
  if (offsetMs !== 0) throw reader.fault(opening, 'no offset modifiers allowed before range')
  if (at !== undefined) throw reader.fault(opening, 'no @ modifiers allowed before range')
  return {
    type: 'matrix selector',
    vector: expression,
    rangeMs,
    shift: { offsetMs: 0 },
    span: reader.spanFrom(start),
  }
}

function withOffset(reader: TokenReader, expression: Expression): Shiftable {
  const offsetMs = signedDurationMs(reader)
  const shiftable = requireShiftable(reader, expression, 'offset modifier')
  if (shiftable.shift.offsetMs !== 0) throw reader.fault(expression.span, 'offset may not be set multiple times')
  return shifted(reader, shiftable, { ...shiftable.shift, offsetMs })
}

function pinned(reader: TokenReader, expression: Expression): Shiftable {
  const at = pinnedTime(reader)
  const shiftable = requireShiftable(reader, expression, '@ modifier')
  if (shiftable.shift.at !== undefined)
    throw reader.fault(expression.span, '@ <timestamp> may not be set multiple times')
  return shifted(reader, shiftable, { ...shiftable.shift, at })
}

function shifted(reader: TokenReader, expression: Shiftable, shift: TimeShift): Shiftable {
  return { ...expression, shift, span: reader.spanFrom(expression.span.start) }
}

function requireShiftable(reader: TokenReader, expression: Expression, what: string): Shiftable {
  const { type } = expression
  if (type === 'vector selector' || type === 'matrix selector' || type === 'subquery') return expression
  throw reader.fault(
    expression.span,
    `${what} must be preceded by an instant vector selector or range vector selector or a subquery`,
  )
}

function pinnedTime(reader: TokenReader): number | 'start' | 'end' {
  const bound = reader.skipKeyword('start', 'end')
  if (bound) {
    reader.takeSymbol('(')
    reader.takeSymbol(')')
    return bound
  }
  const token = reader.next
  const seconds = signedSeconds(reader)
  if (!Number.isFinite(seconds)) throw reader.fault(token, 'timestamp out of bounds for @ modifier')
  return Math.round(seconds * 1000)
}

function positiveDurationMs(reader: TokenReader): number {
  const token = reader.next
  const milliseconds = Math.round(seconds(reader) * 1000)
  if (milliseconds <= 0) throw reader.fault(token, 'duration must be greater than 0')
  refuseDurationExpression(reader)
  return milliseconds
}

function signedDurationMs(reader: TokenReader): number {
  return Math.round(signedSeconds(reader) * 1000)
}

function signedSeconds(reader: TokenReader): number {
  if (reader.skipSymbol('-')) return -seconds(reader)
  reader.skipSymbol('+')
  return seconds(reader)
}

/** A duration, or a number of seconds. */
function seconds(reader: TokenReader): number {
  const { kind, text } = reader.next
  if (kind === 'number') return numberOf(reader.take().text)
  const milliseconds = kind === 'duration' ? durationMs(text) : undefined
  if (milliseconds === undefined) {
    refuseDurationExpression(reader)
    throw reader.unexpected('where a duration was expected')
  }
  reader.take()
  return milliseconds / 1000
}

/** `[5m * 2]`, `[step()]`: an experiment of Prometheus 3. */
function refuseDurationExpression(reader: TokenReader): void {
  const { kind, text } = reader.next
  const calculated = kind === 'symbol' && '+-*/%^('.includes(text)
  const called = kind === 'identifier' && reader.lookAhead(1).text === '('
  if (calculated || called) throw new NotSupportedError('a duration that is an expression')
}

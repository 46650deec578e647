import { messageOf } from '../../../support/errors.ts'
import { metricNameLabel } from '../labels.ts'
import { type LabelMatcher, labelMatcher, type MatchOperator } from '../matchers.ts'
import type { VectorSelector } from './ast.ts'
import { quote } from './strings.ts'
import { inWords, type TokenReader } from './token-reader.ts'

const matchOperators = new Set<string>(['=', '!=', '=~', '!~'])

/** `name`, `name{label="value"}`, `{label="value"}` or `{"name with.dots"}`. @throws QueryError */
export function vectorSelector(reader: TokenReader): VectorSelector {
  const { start } = reader.next
  const names = reader.next.kind === 'identifier' ? [reader.take().text] : []
  const matchers: LabelMatcher[] = []
  if (names.length === 0 || reader.atSymbol('{')) {
    for (const matcher of reader.listBetween('{', '}', () => matcherOrName(reader))) {
      if (typeof matcher === 'string') names.push(matcher)
      else matchers.push(matcher)
    }
  }
  const span = reader.spanFrom(start)
  const [name, second] = names
  const nameAgain = second ?? (name && matchers.find(({ label }) => label === metricNameLabel)?.value)
  if (nameAgain !== undefined) {
    throw reader.fault(span, `metric name must not be set twice: ${quote(name ?? '')} or ${quote(nameAgain)}`)
  }
  if (name !== undefined) matchers.unshift(labelMatcher(metricNameLabel, '=', name))
  if (matchers.every((matcher) => matcher.matches(''))) {
    throw reader.fault(span, 'vector selector must contain at least one non-empty matcher')
  }
  return { type: 'vector selector', matchers, shift: { offsetMs: 0 }, span }
}

/** `label="value"`, the label quoted or not; or a name of a metric, quoted. */
function matcherOrName(reader: TokenReader): LabelMatcher | string {
  const label = reader.next.kind === 'string' ? reader.take() : reader.takeKind('identifier')
  if (label.kind === 'string' && (reader.atSymbol(',') || reader.atSymbol('}'))) return label.text
  const operator = reader.takeKind('symbol')
  if (!isMatchOperator(operator.text)) {
    throw reader.fault(operator, `unexpected ${inWords(operator)} in label matching, expected one of =, !=, =~, !~`)
  }
  const value = reader.takeKind('string')
  try {
    return labelMatcher(label.text, operator.text, value.text)
  } catch (error) {
    throw reader.fault(value, messageOf(error))
  }
}

function isMatchOperator(text: string): text is MatchOperator {
  return matchOperators.has(text)
}

import { RE2JS } from 're2js'

export type MatchOperator = '=' | '!=' | '=~' | '!~'

/** Selects series by one label. A label that a series does not have is empty. */
export interface LabelMatcher {
  readonly label: string
  readonly operator: MatchOperator
  readonly value: string
  matches(value: string): boolean
}

/**
 * A matcher with Prometheus' meaning: a regular expression must match the whole value, and `.` matches a line break,
 * too.
 *
 * @throws Error when the regular expression is none of RE2's
 */
export function labelMatcher(label: string, operator: MatchOperator, value: string): LabelMatcher {
  return { label, operator, value, matches: testOf(operator, value) }
}

function testOf(operator: MatchOperator, value: string): (actual: string) => boolean {
  if (operator === '=') return (actual) => actual === value
  if (operator === '!=') return (actual) => actual !== value
  const pattern = regularExpression(value)
  return operator === '=~' ? (actual) => pattern.matches(actual) : (actual) => !pattern.matches(actual)
}

/** An RE2 expression, as Prometheus compiles it. @throws Error when it is none */
export function regularExpression(source: string): RE2JS {
  return RE2JS.compile(source, RE2JS.DOTALL)
}

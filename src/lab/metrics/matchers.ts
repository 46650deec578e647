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
  return operator === '=~' ? (actual) => pattern.test(actual) : (actual) => !pattern.test(actual)
}

/** What JavaScript has and RE2 does not: lookaround and references back. */
const notRe2Pattern = /\(\?<?[=!]|\\[1-9]|\\k</

/** What RE2 writes in another way than JavaScript: flags for the whole expression, and names of groups. */
const wholeFlagsPattern = /^\(\?([is]+)\)/

function regularExpression(source: string): RegExp {
  if (notRe2Pattern.test(source))
    throw new Error(`RE2 has no lookaround and no references back: ${JSON.stringify(source)}`)
  const flags = wholeFlagsPattern.exec(source)?.[1]?.includes('i') ? 'is' : 's'
  const body = source.replace(wholeFlagsPattern, '').replaceAll('(?P<', '(?<')
  return new RegExp(`^(?:${body})$`, flags)
}

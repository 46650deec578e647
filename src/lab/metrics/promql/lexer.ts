import { parseError } from './errors.ts'
import { quote, unquote } from './strings.ts'

export type TokenKind = 'identifier' | 'number' | 'duration' | 'string' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the query; of a string: its content. */
  readonly text: string
  /** Where it stands in the query: the end excluded. */
  readonly start: number
  readonly end: number
}

const blankPattern = /(?:\s+|#[^\n]*)*/y
const stringPattern = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y
const wordPattern = /[\w.]+/y
const digits = String.raw`\d+(?:_\d+)*`

/** The first that matches counts: a duration begins as a number does. */
const tokenPatterns: readonly [TokenKind, RegExp][] = [
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y],
  [
    'number',
    new RegExp(`(?:0[xX][\\da-fA-F]+|(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?\\d+)?)(?!\\w)`, 'y'),
  ],
  ['identifier', /[a-zA-Z_:][\w:]*/y],
  ['symbol', /=~|!~|!=|==|<=|>=|[-+*/%^<>=(){}[\],:@]/y],
]

/** The tokens of a query, with one of kind `end` as the last. @throws QueryError with the position of the fault */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  let start = skipBlank(query, 0)
  let inBrackets = false
  while (start < query.length) {
    const token = tokenAt(query, start, inBrackets)
    if (token.kind === 'symbol' && '[]'.includes(token.text)) inBrackets = token.text === '['
    tokens.push(token)
    start = skipBlank(query, token.end)
  }
  return [...tokens, { kind: 'end', text: '', start, end: start }]
}

function tokenAt(query: string, start: number, inBrackets: boolean): Token {
  const quoted = matchAt(stringPattern, query, start)
  if (quoted !== undefined) return { kind: 'string', text: unquote(quoted), start, end: start + quoted.length }
  // A colon is part of a name, but in brackets it stands between the range and the step of a subquery.
  if (inBrackets && query[start] === ':') return { kind: 'symbol', text: ':', start, end: start + 1 }
  for (const [kind, pattern] of tokenPatterns) {
    const text = matchAt(pattern, query, start)
    if (text !== undefined) return { kind, text, start, end: start + text.length }
  }
  throw noToken(query, start)
}

function noToken(query: string, start: number): Error {
  const character = query.slice(start, start + 1)
  if (`"'\``.includes(character)) return parseError(query, start, 'unterminated quoted string')
  const word = matchAt(wordPattern, query, start)
  if (word !== undefined) return parseError(query, start, `bad number or duration syntax: ${quote(word)}`)
  return parseError(query, start, `unexpected character: ${quote(character)}`)
}

function skipBlank(query: string, start: number): number {
  return start + (matchAt(blankPattern, query, start)?.length ?? 0)
}

function matchAt(pattern: RegExp, query: string, start: number): string | undefined {
  pattern.lastIndex = start
  return pattern.exec(query)?.[0]
}

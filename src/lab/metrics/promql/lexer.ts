import { parseError } from './errors.ts'

export type TokenKind = 'identifier' | 'number' | 'duration' | 'string' | 'symbol' | 'end'

export interface Token {
  kind: TokenKind
  /** As it stands in the query; of a string: its content. */
  text: string
  /** Where it begins in the query. */
  offset: number
}

const blankPattern = /(?:\s+|#[^\n]*)*/y
const stringPattern = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y
const symbolPattern = /=~|!~|!=|==|<=|>=|[-+*/%^<>=(){}[\],:@]/y

/** The first that matches counts: a duration begins as a number does. */
const tokenPatterns: readonly [TokenKind, RegExp][] = [
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y],
  ['number', /(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)/y],
  ['identifier', /[a-zA-Z_:][\w:]*/y],
  ['symbol', symbolPattern],
]

const escapedCharacters: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
const escapePattern = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/g

/** The tokens of a query, with one of kind `end` as the last. @throws QueryError with the position of the fault */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  let offset = skipBlank(query, 0)
  while (offset < query.length) {
    const { token, end } = tokenAt(query, offset)
    tokens.push(token)
    offset = skipBlank(query, end)
  }
  return [...tokens, { kind: 'end', text: '', offset }]
}

function tokenAt(query: string, offset: number): { token: Token; end: number } {
  const quoted = matchAt(stringPattern, query, offset)
  if (quoted !== undefined) {
    return { token: { kind: 'string', text: unquote(quoted), offset }, end: offset + quoted.length }
  }
  for (const [kind, pattern] of tokenPatterns) {
    const text = matchAt(pattern, query, offset)
    if (text !== undefined) return { token: { kind, text, offset }, end: offset + text.length }
  }
  const character = query.slice(offset, offset + 1)
  if (`"'\``.includes(character)) throw parseError(query, offset, 'unterminated quoted string')
  throw parseError(query, offset, `unexpected character: ${JSON.stringify(character)}`)
}

function skipBlank(query: string, offset: number): number {
  return offset + (matchAt(blankPattern, query, offset)?.length ?? 0)
}

function matchAt(pattern: RegExp, query: string, offset: number): string | undefined {
  pattern.lastIndex = offset
  return pattern.exec(query)?.[0]
}

/** As Go unquotes: backquotes hold their text as it is, in the others a backslash escapes. */
function unquote(quoted: string): string {
  const content = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return content
  return content.replace(escapePattern, (_, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]{3}/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
    return escapedCharacters[code] ?? code
  })
}

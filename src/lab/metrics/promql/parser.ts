import { metricNameLabel } from '../labels.ts'
import { type LabelMatcher, labelMatcher, type MatchOperator } from '../matchers.ts'
import { notSupported, parseError, type QueryError } from './errors.ts'
import { type Token, type TokenKind, tokensOf } from './lexer.ts'

/** The series that all matchers select, each with its value at one time. */
export interface VectorSelector {
  type: 'vector'
  matchers: readonly LabelMatcher[]
}

/** The same series, each with its samples of the time before. */
export interface MatrixSelector {
  type: 'matrix'
  vector: VectorSelector
  rangeMs: number
}

export type Expression = VectorSelector | MatrixSelector

const aggregations = new Set(
  'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio'.split(' '),
)
const operators = new Set('+ - * / % ^ == != < > <= >= and or unless atan2'.split(' '))
const matchOperators = new Set<string>(['=', '!=', '=~', '!~'])
const millisecondsPerUnit: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/**
 * Reads `selector` and `selector[range]`. The rest of PromQL is refused by its name.
 *
 * @throws QueryError
 */
export function parseQuery(query: string): Expression {
  return new Parser(query).expression()
}

/** Reads one selector without a range, as the `match[]` of the series API. @throws QueryError */
export function parseSelector(query: string): VectorSelector {
  const expression = parseQuery(query)
  if (expression.type !== 'vector') throw parseError(query, 0, 'expected a selector without a range')
  return expression
}

class Parser {
  readonly #query: string
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(query: string) {
    this.#query = query
    this.#tokens = tokensOf(query)
  }

  expression(): Expression {
    this.#refuseOtherBeginnings()
    const vector = this.#vectorSelector()
    const expression = this.#atSymbol('[') ? this.#matrixSelector(vector) : vector
    this.#refuseContinuations()
    if (this.#token.kind !== 'end') throw this.#unexpected('after the selector')
    return expression
  }

  get #token(): Token {
    return this.#lookAhead(0)
  }

  #lookAhead(count: number): Token {
    return this.#tokens[this.#position + count] ?? { kind: 'end', text: '', offset: this.#query.length }
  }

  #refuseOtherBeginnings(): void {
    const { kind, text } = this.#token
    const next = this.#lookAhead(1).text
    if (kind === 'identifier' && aggregations.has(text) && ['(', 'by', 'without'].includes(next)) {
      throw notSupported(`the aggregation ${text}`)
    }
    if (kind === 'identifier' && next === '(') throw notSupported(`the function ${text}()`)
    if (kind === 'number' || kind === 'duration' || (kind === 'identifier' && /^(?:nan|inf)$/i.test(text)))
      throw notSupported(`the scalar ${text}`)
    if (kind === 'string') throw notSupported(`the string ${JSON.stringify(text)}`)
    if (kind === 'symbol' && text === '(') throw notSupported('an expression in parentheses')
    if (kind === 'symbol' && (text === '-' || text === '+')) throw notSupported(`the operator ${text}`)
  }

  #refuseContinuations(): void {
    const { kind, text } = this.#token
    if (operators.has(text) && kind !== 'string') throw notSupported(`the operator ${text}`)
    if (kind === 'identifier' && text === 'offset') throw notSupported('the modifier offset')
    if (kind === 'symbol' && text === '@') throw notSupported('the modifier @')
  }

  #vectorSelector(): VectorSelector {
    const matchers: LabelMatcher[] = []
    const first = this.#token
    if (first.kind === 'identifier') matchers.push(labelMatcher(metricNameLabel, '=', this.#take('identifier').text))
    else if (!this.#atSymbol('{')) throw this.#unexpected('where a selector was expected')
    if (this.#atSymbol('{')) matchers.push(...this.#matchers())
    if (matchers.every((matcher) => matcher.matches(''))) {
      throw parseError(this.#query, first.offset, 'vector selector must contain at least one non-empty matcher')
    }
    return { type: 'vector', matchers }
  }

  #matchers(): LabelMatcher[] {
    const matchers: LabelMatcher[] = []
    this.#takeSymbol('{')
    while (!this.#atSymbol('}')) {
      matchers.push(this.#matcher())
      if (!this.#atSymbol(',')) break
      this.#takeSymbol(',')
    }
    this.#takeSymbol('}')
    return matchers
  }

  #matcher(): LabelMatcher {
    const label = this.#take('identifier')
    const operator = this.#take('symbol')
    if (!isMatchOperator(operator.text)) {
      throw parseError(
        this.#query,
        operator.offset,
        `unexpected ${nameOf(operator)} in label matching, expected one of =, !=, =~, !~`,
      )
    }
    const value = this.#take('string')
    try {
      return labelMatcher(label.text, operator.text, value.text)
    } catch (error) {
      throw parseError(this.#query, value.offset, error instanceof Error ? error.message : String(error))
    }
  }

  #matrixSelector(vector: VectorSelector): MatrixSelector {
    this.#takeSymbol('[')
    const token = this.#token
    const rangeMs = durationMs(token)
    if (rangeMs === undefined) throw this.#unexpected('where a duration was expected')
    if (rangeMs <= 0) throw parseError(this.#query, token.offset, 'duration must be greater than 0')
    this.#position++
    if (this.#token.text.startsWith(':')) throw notSupported('a subquery')
    this.#takeSymbol(']')
    return { type: 'matrix', vector, rangeMs }
  }

  #atSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text
  }

  #takeSymbol(text: string): void {
    if (!this.#atSymbol(text)) throw this.#unexpected(`where "${text}" was expected`)
    this.#position++
  }

  #take(kind: TokenKind): Token {
    const token = this.#token
    if (token.kind !== kind) throw this.#unexpected(`where ${kindInWords[kind]} was expected`)
    this.#position++
    return token
  }

  #unexpected(where: string): QueryError {
    return parseError(this.#query, this.#token.offset, `unexpected ${nameOf(this.#token)} ${where}`)
  }
}

const kindInWords: Record<TokenKind, string> = {
  identifier: 'a name',
  number: 'a number',
  duration: 'a duration',
  string: 'a quoted string',
  symbol: 'an operator',
  end: 'the end',
}

function nameOf({ kind, text }: Token): string {
  if (kind === 'end') return 'end of input'
  return kind === 'symbol' ? `"${text}"` : `${kind} ${JSON.stringify(text)}`
}

function isMatchOperator(text: string): text is MatchOperator {
  return matchOperators.has(text)
}

/** `1h30m`; a number alone is one of seconds. */
function durationMs({ kind, text }: Token): number | undefined {
  if (kind === 'number') return Number(text) * 1000
  if (kind !== 'duration') return undefined
  const parts = text.matchAll(/(\d+)(ms|[smhdwy])/g)
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (millisecondsPerUnit[unit] ?? 0), 0)
}

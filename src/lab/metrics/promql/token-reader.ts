import type { Span } from './ast.ts'
import { parseError, type QueryError } from './errors.ts'
import { type Token, type TokenKind, tokensOf } from './lexer.ts'
import { quote } from './strings.ts'

/** Reads the tokens of a query one after the other. What is not as expected is an error that says where. */
export class TokenReader {
  readonly query: string
  readonly #tokens: readonly Token[]
  #position = 0

  /** @throws QueryError when there is something that is no token */
  constructor(query: string) {
    this.query = query
    this.#tokens = tokensOf(query)
  }

  /** The next token, without taking it. */
  get next(): Token {
    return this.lookAhead(0)
  }

  get atEnd(): boolean {
    return this.next.kind === 'end'
  }

  lookAhead(count: number): Token {
    const { length } = this.query
    return this.#tokens[this.#position + count] ?? { kind: 'end', text: '', start: length, end: length }
  }

  /** Everything from `start` to the last token that was taken. */
  spanFrom(start: number): Span {
    return { start, end: this.#tokens[this.#position - 1]?.end ?? start }
  }

  take(): Token {
    const token = this.next
    this.#position++
    return token
  }

  /** @throws QueryError when the next token is of another kind */
  takeKind(kind: TokenKind): Token {
    if (this.next.kind !== kind) throw this.unexpected(`where ${kindInWords[kind]} was expected`)
    return this.take()
  }

  atSymbol(text: string): boolean {
    return this.next.kind === 'symbol' && this.next.text === text
  }

  /** Whether it was there, and was taken. */
  skipSymbol(text: string): boolean {
    const there = this.atSymbol(text)
    if (there) this.#position++
    return there
  }

  /** @throws QueryError when the next token is another one */
  takeSymbol(text: string): void {
    if (!this.skipSymbol(text)) throw this.unexpected(`where "${text}" was expected`)
  }

  /** Keywords are known in any case of letters. */
  atKeyword(...words: readonly string[]): boolean {
    return this.next.kind === 'identifier' && words.includes(this.next.text.toLowerCase())
  }

  /** The keyword, in small letters, if it was there and was taken. */
  skipKeyword<Word extends string>(...words: readonly Word[]): Word | undefined {
    const word = words.find((candidate) => this.atKeyword(candidate))
    if (word !== undefined) this.#position++
    return word
  }

  /** What stands between two symbols, separated by commas; one more comma at the end does no harm. */
  listBetween<Item>(opening: string, closing: string, item: () => Item): Item[] {
    const items: Item[] = []
    this.takeSymbol(opening)
    while (!this.atSymbol(closing)) {
      items.push(item())
      if (!this.skipSymbol(',')) break
    }
    this.takeSymbol(closing)
    return items
  }

  unexpected(where: string): QueryError {
    return this.fault(this.next, `unexpected ${inWords(this.next)} ${where}`)
  }

  fault(where: { readonly start: number }, message: string): QueryError {
    return parseError(this.query, where.start, message)
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

export function inWords({ kind, text }: Token): string {
  if (kind === 'end') return 'end of input'
  return kind === 'symbol' ? `"${text}"` : `${kind} ${quote(text)}`
}

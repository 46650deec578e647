import type { Span } from './ast.ts'
import { positionOf } from './errors.ts'

/** What is odd about a query that could be answered, in Prometheus' words: each said once. */
export class Annotations {
  readonly #query: string
  readonly #warnings = new Set<string>()
  readonly #infos = new Set<string>()

  constructor(query: string) {
    this.#query = query
  }

  /** Something that makes the result doubtful. */
  warn(message: string, about: Span): void {
    this.#warnings.add(`PromQL warning: ${this.#placed(message, about)}`)
  }

  /** Something that may be meant so. */
  inform(message: string, about: Span): void {
    this.#infos.add(`PromQL info: ${this.#placed(message, about)}`)
  }

  get warnings(): readonly string[] {
    return [...this.#warnings]
  }

  get infos(): readonly string[] {
    return [...this.#infos]
  }

  #placed(message: string, { start }: Span): string {
    return `${message} (${positionOf(this.#query, start)})`
  }
}

import { isDeepStrictEqual } from 'node:util'
import { usageError } from '../support/errors.ts'
import { outcomeOfStatus, type SentOutcome } from './outcomes.ts'

/** What users expect of an answer. Whatever misses any of it counts as failed. */
export interface AnswerExpectation {
  /** A status, or several. @default any from 200 to 399 */
  status?: number | readonly number[]
  /**
   * What the body holds as JSON: each member that is given must be there and be equal, and others may be there as well.
   * Lists must be equal as a whole. Or a function that says whether it is right.
   */
  json?: JsonExpectation
  /** The text of the body, an expression that it matches, or a function that says whether it is right. */
  body?: string | RegExp | ((text: string) => boolean)
}

export type JsonExpectation = JsonValue | ((json: JsonValue) => boolean)
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** Longer bodies are not what users expect of an answer that they look into. */
export const longestBodyBytes = 1024 * 1024

/** The expectation, ready to judge answers. */
export class Expectation {
  readonly #isExpectedStatus: (status: number) => boolean
  readonly #isExpectedBody: ((text: string) => boolean) | undefined

  /** @throws CHAOS_BAD_OPTION (usage) */
  constructor({ status, json, body }: AnswerExpectation = {}) {
    if (json !== undefined && body !== undefined) {
      throw usageError('CHAOS_BAD_OPTION', 'traffic: expect has both json and body. Write the one that users look at.')
    }
    this.#isExpectedStatus = statusTest(status)
    this.#isExpectedBody = json === undefined ? bodyTest(body) : (text) => jsonTest(json, text)
  }

  /** Whether answers must be kept until they are complete. */
  get looksIntoBody(): boolean {
    return this.#isExpectedBody !== undefined
  }

  /** The outcome of a complete answer. @param body its text; undefined where it is longer than `longestBodyBytes` */
  judge(status: number, body: string | undefined): Judgement {
    const outcome = outcomeOfStatus(status)
    if (!this.#isExpectedStatus(status)) return { outcome, completed: false }
    if (!this.#isExpectedBody) return { outcome, completed: true }
    const completed = body !== undefined && says(this.#isExpectedBody, body)
    return { outcome: completed ? outcome : 'unexpected-body', completed }
  }
}

export interface Judgement {
  outcome: SentOutcome
  /** Whether it is what users expect. */
  completed: boolean
}

function statusTest(expected: AnswerExpectation['status']): (status: number) => boolean {
  if (expected === undefined) return (status) => status >= 200 && status < 400
  const statuses = new Set([expected].flat())
  for (const status of statuses) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw usageError(
        'CHAOS_BAD_OPTION',
        `traffic: expect.status is a final status from 200 to 599, and is ${status}.`,
      )
    }
  }
  return (status) => statuses.has(status)
}

function bodyTest(expected: AnswerExpectation['body']): ((text: string) => boolean) | undefined {
  if (expected === undefined || typeof expected === 'function') return expected
  if (typeof expected === 'string') return (text) => text === expected
  // A copy without the flags that make an expression remember where it was.
  const expression = new RegExp(expected.source, expected.flags.replace(/[gy]/g, ''))
  return (text) => expression.test(text)
}

/** A function that throws, such as one that looks into what is not there, says no. */
function says(isExpected: (text: string) => boolean, text: string): boolean {
  try {
    return isExpected(text)
  } catch {
    return false
  }
}

function jsonTest(expected: JsonExpectation, text: string): boolean {
  const json = parse(text)
  if (json === undefined) return false
  return typeof expected === 'function' ? expected(json) : holds(json, expected)
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function holds(actual: JsonValue | undefined, expected: JsonValue): boolean {
  if (!isObject(expected)) return isDeepStrictEqual(actual, expected)
  return isObject(actual) && Object.entries(expected).every(([name, value]) => holds(actual[name], value))
}

function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { validateHeaderName, validateHeaderValue } from 'node:http'
import { messageOf, usageError } from '../support/errors.ts'
import { type Duration, type Rate, toMilliseconds, toPerSecond } from '../support/quantities.ts'
import type { LoadPlan } from './engine.ts'
import { parseHttpUrl, type UrlReference } from './url.ts'

export interface TrafficOptions {
  /** What the users call. A reference is looked up each time when the traffic starts. */
  url: string | UrlReference
  /** The arrival rate. It does not depend on the answers: this is an open loop. */
  rate: Rate
  /** How reports call the users. @default `users of` what they call */
  name?: string
  /** @default 'GET' */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** How long users wait, from the sending of a request to the end of its answer. @default '3s' */
  timeout?: Duration
  /**
   * `false`: each request opens a connection of its own, as users do who come once; they meet the new pods of a rollout
   * at once. `true`: connections are kept and used again, as services do among each other. @default false
   */
  keepAlive?: boolean
  /** How many requests may wait for their answer at the same time; the next ones wait for their turn. @default 1000 */
  maxInFlight?: number
  /** How much later than planned a request may be sent; later than that it is dropped. @default '1s' */
  latenessBudget?: Duration
  /** What users expect of an answer. Any other counts as failed. */
  expect?: AnswerExpectation
}

export interface AnswerExpectation {
  /** A status, or several. @default any from 200 to 399 */
  status: number | readonly number[]
}

/** The options as numbers, with their defaults; the URL is parsed when it is known. */
export type LoadSettings = Omit<LoadPlan, 'url'>

/** @throws CHAOS_BAD_RATE, CHAOS_BAD_DURATION, CHAOS_BAD_URL, CHAOS_BAD_HEADER, CHAOS_BAD_OPTION (usage) */
export function loadSettings(options: TrafficOptions): LoadSettings {
  if (typeof options.url === 'string') parseHttpUrl(options.url)
  return {
    name: options.name ?? `users of ${describeUrl(options.url)}`,
    perSecond: toPerSecond(options.rate),
    method: options.method ?? 'GET',
    headers: headerList(options.headers ?? {}),
    body: options.body ?? null,
    timeoutMs: positive('timeout', toMilliseconds(options.timeout ?? '3s')),
    keepAlive: options.keepAlive ?? false,
    maxInFlight: positive('maxInFlight', options.maxInFlight ?? 1000),
    latenessBudgetMs: toMilliseconds(options.latenessBudget ?? '1s'),
    isExpected: statusExpectation(options.expect),
  }
}

function describeUrl(url: string | UrlReference): string {
  return typeof url === 'string' ? url : url.description
}

function positive(option: string, value: number): number {
  if (value > 0) return value
  throw usageError('CHAOS_BAD_OPTION', `traffic: ${option} must be more than 0, and is ${value}.`)
}

function statusExpectation(expectation: AnswerExpectation | undefined): (status: number) => boolean {
  if (!expectation) return (status) => status >= 200 && status < 400
  const expected = new Set([expectation.status].flat())
  return (status) => expected.has(status)
}

function headerList(headers: Readonly<Record<string, string>>): string[] {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      throw usageError('CHAOS_BAD_HEADER', `traffic: the header "${name}" cannot be sent: ${messageOf(error)}.`)
    }
  }
  return Object.entries(headers).flat()
}

import { usageError } from '../support/errors.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'
import type { TlsOptions } from './connections.ts'
import type { LoadPlan } from './engine.ts'
import { type AnswerExpectation, Expectation } from './expectation.ts'
import { type FailFastOptions, failFastPlan } from './fail-fast-options.ts'
import { authorizationHeaders, type Credentials, headerList } from './headers.ts'
import { type LoadOptions, loadModel, loadWords, peakPerSecond } from './load-options.ts'
import { parseHttpUrl, type UrlReference } from './url.ts'
import type { RequestFunction, StreamPlan } from './user-stream.ts'

/** What the requests of a stream are like. */
export interface RequestOptions {
  /** What the users call. A reference is looked up each time when the traffic starts. */
  url?: string | UrlReference
  /** @default 'GET' */
  method?: HttpMethod
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /**
   * What is different in each request: it is called when the request is sent.
   *
   * @example
   * request: ({ sequence }) => ({ path: `/orders/${sequence}`, body: JSON.stringify({ tea: sequence }) })
   */
  request?: RequestFunction
  /** Sent as the header `authorization`; it is never shown. */
  auth?: Credentials
  /** What users expect of an answer. Any other counts as failed. */
  expect?: AnswerExpectation
  /**
   * `false`: each request opens a connection of its own, as users do who come once; they meet the new pods of a rollout
   * at once. `true`: connections are kept and used again, as services do among each other. @default false
   */
  keepAlive?: boolean
  tls?: TlsOptions
  /** How long users wait, from the sending of a request to the end of its answer. @default '3s' */
  timeout?: Duration
  /** The header in which answers say which pod they come from. @default 'x-pod' */
  podHeader?: string
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** One of several streams of the same traffic: what it does not say is as the traffic says. */
export interface StreamOptions extends RequestOptions {
  /** Its share of the requests, in proportion to the weights of the others. @default 1 */
  weight?: number
}

export interface TrafficOptions extends RequestOptions, LoadOptions {
  /** How reports call the users. @default `users of` what they call */
  name?: string
  /** Several streams, by name, that share the planned requests by their weights. */
  streams?: Readonly<Record<string, StreamOptions>>
  /** When to give up before the end: the method is stopped at once, the hypothesis deviates, and is rolled back. */
  failFast?: FailFastOptions
}

/** The options as numbers, with their defaults; what users call is looked up when they start. */
export interface TrafficSettings extends Omit<LoadPlan, 'streams'> {
  name: string
  /** The load in words: `10/s`. */
  load: string
  /** The highest arrival rate; 0 in a closed loop. */
  perSecond: number
  streams: readonly StreamSettings[]
}

export interface StreamSettings
  extends Omit<StreamPlan, 'url' | 'address' | 'pathPrefix' | 'throughProxy' | 'podsNow'> {
  url: string | UrlReference
}

/**
 * @throws CHAOS_BAD_RATE, CHAOS_BAD_DURATION, CHAOS_BAD_RATIO, CHAOS_BAD_URL, CHAOS_BAD_HEADER, CHAOS_BAD_OPTION (usage)
 */
export function trafficSettings(options: TrafficOptions): TrafficSettings {
  const name = options.name ?? `users of ${describeUrl(firstUrl(options))}`
  return {
    name,
    load: loadWords(options),
    perSecond: peakPerSecond(options),
    model: loadModel(options),
    streams: allStreams(name, options),
    ...(options.failFast ? { failFast: failFastPlan(options.failFast) } : {}),
  }
}

function positive(option: string, value: number): number {
  if (value > 0) return value
  throw usageError('CHAOS_BAD_OPTION', `traffic: ${option} must be more than 0, and is ${value}.`)
}

function allStreams(name: string, { streams, ...shared }: TrafficOptions): StreamSettings[] {
  if (!streams) return [streamSettings(name, shared)]
  const entries = Object.entries(streams)
  if (entries.length === 0) throw usageError('CHAOS_BAD_OPTION', 'traffic: streams is empty. Name at least one.')
  return entries.map(([stream, own]) => {
    const headers = { ...shared.headers, ...own.headers }
    return streamSettings(stream, { ...shared, ...own, headers })
  })
}

function streamSettings(name: string, options: StreamOptions): StreamSettings {
  const { url, weight = 1, method = 'GET', body, request, auth, keepAlive = false, tls = {}, timeout = '3s' } = options
  if (url === undefined) throw usageError('CHAOS_BAD_OPTION', `traffic: ${name} has no url.`)
  if (typeof url === 'string') parseHttpUrl(url)
  checkTls(tls)
  return {
    name,
    weight: positive('weight', weight),
    url,
    method,
    headers: headerList({ ...(auth ? authorizationHeaders(auth) : {}), ...options.headers }),
    body: body ?? null,
    ...(request ? { request } : {}),
    expectation: new Expectation(options.expect),
    timeoutMs: positive('timeout', toMilliseconds(timeout)),
    keepAlive,
    tls,
    podHeader: (options.podHeader ?? 'x-pod').toLowerCase(),
  }
}

function checkTls({ cert, key }: TlsOptions): void {
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError('CHAOS_BAD_OPTION', 'traffic: tls needs cert and key together, or neither.')
  }
}

function firstUrl({ url, streams = {} }: TrafficOptions): string | UrlReference | undefined {
  return url ?? Object.values(streams).find((stream) => stream.url !== undefined)?.url
}

function describeUrl(url: string | UrlReference | undefined): string {
  if (url === undefined) throw usageError('CHAOS_BAD_OPTION', 'traffic: there is no url for the users to call.')
  return typeof url === 'string' ? url : url.description
}

import type { Dispatcher } from 'undici'
import type { RequestSpan, SpanAttributes } from '../tracing/tracer.ts'
import { Connections, type TlsOptions } from './connections.ts'
import type { Expectation, Judgement } from './expectation.ts'
import { mergeHeaders } from './headers.ts'
import { InFlight, type LoadClock } from './in-flight.ts'
import type { Ledger } from './ledger.ts'
import { joinPath, type PodsNow } from './url.ts'

/** What one stream of users does, in numbers. */
export interface StreamPlan {
  name: string
  /** Its share of the planned requests, in proportion to the weights of the others. */
  weight: number
  url: URL
  /** What is connected to in the place of the URL's host. */
  address?: string
  /** What stands before the path of each request: where the API server's proxy has the service. Without a slash at its end. */
  pathPrefix: string
  method: string
  /** Names and values in turn. */
  headers: readonly string[]
  body: string | Uint8Array | null
  /** What differs from request to request. */
  request?: RequestFunction
  expectation: Expectation
  /** The users' patience: from the sending of a request to the end of its answer. */
  timeoutMs: number
  keepAlive: boolean
  tls: TlsOptions
  /** The header, in lower case, in which an answer says which pod it comes from. */
  podHeader: string
  /** Whether the API server's proxy is in between: its 502, 503 and 504 may stand for any failure behind it. */
  throughProxy: boolean
  /** How the pods are that may answer. */
  podsNow?: PodsNow
}

export type RequestFunction = (turn: RequestTurn) => RequestDetails

export interface RequestTurn {
  /** The number of the request among those that the traffic has planned, from 0. */
  sequence: number
}

/** What is different in one request; what is absent is as in the others. */
export interface RequestDetails {
  /** An absolute path, with its query. */
  path?: string
  method?: string
  /** In addition to those of all requests; the same names take their place. */
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
}

/** In which header a request says its number. */
export const sequenceHeader = 'x-chaos-test-sequence'

/** One stream of users: what its requests say, its connections, its books. */
export class UserStream {
  readonly plan: StreamPlan
  readonly connections: Connections
  readonly inFlight: InFlight
  readonly ledger: Ledger
  readonly isSecure: boolean
  readonly spanName: string
  readonly spanAttributes: SpanAttributes
  /** How many of the planned requests were its own. */
  planned = 0
  readonly #path: string

  constructor(plan: StreamPlan, ledger: Ledger, clock: LoadClock) {
    const { url, address, method, keepAlive, tls } = plan
    this.plan = plan
    this.inFlight = new InFlight(plan.timeoutMs, clock)
    this.ledger = ledger
    this.connections = new Connections({ origin: url.origin, address, keepAlive, tls })
    this.isSecure = url.protocol === 'https:'
    this.spanName = `${method} ${url.pathname}`
    this.spanAttributes = {
      'chaos_test.traffic': plan.name,
      'http.request.method': method,
      'url.full': url.href,
      'server.address': url.hostname,
    }
    this.#path = url.pathname + url.search
  }

  /** What a request says. @throws whatever the spec's own function throws, and CHAOS_BAD_URL for its path */
  message(sequence: number, span: RequestSpan): Dispatcher.DispatchOptions {
    const { method, headers, body, keepAlive, request } = this.plan
    const message = {
      method,
      path: this.#path,
      headers: [...headers, ...span.headers, sequenceHeader, String(sequence)],
      body,
      reset: !keepAlive,
    }
    return request ? this.#withDetails(message, request({ sequence })) : message
  }

  /** The outcome of a complete answer. */
  judge(status: number, body: string | undefined): Judgement {
    if (this.plan.throughProxy && status >= 502 && status <= 504) return { outcome: 'via-proxy', completed: false }
    return this.plan.expectation.judge(status, body)
  }

  #withDetails(
    message: Dispatcher.DispatchOptions & { headers: string[] },
    details: RequestDetails,
  ): Dispatcher.DispatchOptions {
    const { path, method, headers, body } = details
    return {
      ...message,
      ...(path === undefined ? {} : { path: joinPath(this.plan.pathPrefix, path) }),
      ...(method === undefined ? {} : { method }),
      ...(headers === undefined ? {} : { headers: mergeHeaders(message.headers, headers) }),
      ...(body === undefined ? {} : { body }),
    }
  }
}

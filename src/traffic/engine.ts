import type { Dispatcher } from 'undici'
import type { RequestExemplar, TrafficSummary } from '../journal/events.ts'
import type { RequestSpan, SpanAttributes, Tracer } from '../tracing/tracer.ts'
import { Connections } from './connections.ts'
import type { LatencyHistogram } from './latency.ts'
import { Ledger, type TrafficSecond } from './ledger.ts'
import type { Outcome } from './outcomes.ts'
import { Pacer } from './pacer.ts'
import { UserRequest } from './request.ts'
import { monotonicTime, type TimeSource } from './time.ts'

/** What users do, in numbers. */
export interface LoadPlan {
  /** How the stream of users is called, in spans. */
  name: string
  url: URL
  /** Planned arrivals per second. */
  perSecond: number
  method: string
  /** Names and values in turn. */
  headers: readonly string[]
  body: string | Uint8Array | null
  /** The users' patience: from the sending of a request to the end of its answer. */
  timeoutMs: number
  keepAlive: boolean
  maxInFlight: number
  latenessBudgetMs: number
  isExpected(status: number): boolean
}

export interface LoadSurroundings {
  tracer: Pick<Tracer, 'startRequest'>
  /** Called about once a second with what ended in it. */
  onSecond(second: TrafficSecond): void
  /** @default monotonicTime */
  time?: TimeSource
}

/** What came of the users' requests: all of them have ended, and each is in exactly one count. */
export interface LoadResult {
  /** Milliseconds since the epoch. */
  startedAt: number
  endedAt: number
  summary: TrafficSummary
  /** From the planned time to the end, of the requests that were answered or timed out. */
  latency: LatencyHistogram
  /** The same, from when they were really sent. */
  serviceTime: LatencyHistogram
  /** The first errors of each kind, in the order of their planned times. */
  firstErrors: readonly RequestExemplar[]
  /** Of the requests answered as users expect, the slowest first. */
  slowest: readonly RequestExemplar[]
  seconds: readonly TrafficSecond[]
}

interface SentRequest {
  request: UserRequest
  span: RequestSpan
  plannedMs: number
  sentMs: number
}

/**
 * Users who send requests at a constant rate in an open loop: the time of each follows from the rate alone, and whatever
 * the system does, each planned request ends in exactly one outcome. It knows nothing of specs: what surrounds it is given.
 */
export class Load {
  /** Resolves when the load was ended or aborted and nothing is in flight any more; it never rejects. */
  readonly finished: Promise<LoadResult>

  readonly #plan: LoadPlan
  readonly #surroundings: LoadSurroundings
  readonly #time: TimeSource
  readonly #pacer: Pacer
  readonly #ledger: Ledger
  readonly #connections: Connections
  readonly #inFlight = new Set<UserRequest>()
  readonly #spanName: string
  readonly #spanAttributes: SpanAttributes
  #cancelSecond = () => {}

  /** Starts at once: the first request is planned now. */
  constructor(plan: LoadPlan, surroundings: LoadSurroundings) {
    const startedAt = Date.now()
    const allEnded = Promise.withResolvers<void>()
    this.#plan = plan
    this.#surroundings = surroundings
    this.#time = surroundings.time ?? monotonicTime
    this.#connections = new Connections(plan.url.origin, plan.keepAlive)
    this.#spanName = `${plan.method} ${plan.url.pathname}`
    this.#spanAttributes = {
      'chaos_test.traffic': plan.name,
      'http.request.method': plan.method,
      'url.full': plan.url.href,
      'server.address': plan.url.hostname,
    }
    this.#ledger = new Ledger(startedAt, (second) => surroundings.onSecond(second))
    this.#pacer = new Pacer({
      perSecond: plan.perSecond,
      maxInFlight: plan.maxInFlight,
      latenessBudgetMs: plan.latenessBudgetMs,
      time: this.#time,
      send: (plannedMs) => this.#send(plannedMs),
      drop: () => this.#ledger.drop(this.elapsedMs),
      finished: allEnded.resolve,
    })
    this.finished = allEnded.promise.then(() => this.#close(startedAt))
    this.#watchSeconds()
    this.#pacer.start()
  }

  get elapsedMs(): number {
    return this.#pacer.elapsedMs
  }

  /** Plans no request at or after that time since the start (at the earliest: now). */
  endAt(elapsedMs: number): Promise<LoadResult> {
    this.#pacer.endAt(elapsedMs)
    return this.finished
  }

  /** Sends nothing more, and aborts what is in flight. */
  abort(): Promise<LoadResult> {
    this.#pacer.cancel()
    for (const request of this.#inFlight) request.abort()
    return this.finished
  }

  #send(plannedMs: number): void {
    const sentMs = this.elapsedMs
    const span = this.#surroundings.tracer.startRequest(this.#spanName, this.#spanAttributes)
    const request = new UserRequest(this.#connections.take(), this.#plan.url.protocol === 'https:', (outcome) =>
      this.#ended({ request, span, plannedMs, sentMs }, outcome),
    )
    this.#inFlight.add(request)
    request.send(this.#message(span), this.#plan.timeoutMs)
  }

  #message(span: RequestSpan): Dispatcher.DispatchOptions {
    const { method, url, headers, body } = this.#plan
    return { method, path: url.pathname + url.search, headers: [...headers, ...span.headers], body }
  }

  #ended({ request, span, plannedMs, sentMs }: SentRequest, outcome: Outcome): void {
    const { status, answered } = request
    const endedMs = this.elapsedMs
    const completed = answered && status !== undefined && this.#plan.isExpected(status)
    this.#inFlight.delete(request)
    this.#connections.release(request.connection, answered)
    this.#ledger.enter({ outcome, completed, plannedMs, sentMs, endedMs, status, traceId: span.traceId })
    span.end({
      attributes: {
        'chaos_test.outcome': outcome,
        'chaos_test.latency_ms': endedMs - plannedMs,
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
      },
      ...(completed ? {} : { error: outcome }),
    })
    this.#pacer.requestEnded()
  }

  #watchSeconds(): void {
    const untilNextMs = 1000 - (this.elapsedMs % 1000)
    this.#cancelSecond = this.#time.wakeAfter(untilNextMs, () => {
      this.#ledger.advance(this.elapsedMs)
      this.#watchSeconds()
    })
  }

  async #close(startedAt: number): Promise<LoadResult> {
    const elapsedMs = this.elapsedMs
    this.#cancelSecond()
    this.#ledger.close(elapsedMs)
    await this.#connections.close()
    const { latency, serviceTime, exemplars, seconds } = this.#ledger
    return {
      startedAt,
      endedAt: Math.ceil(startedAt + elapsedMs),
      summary: this.#ledger.summary(this.#pacer.planned),
      latency,
      serviceTime,
      firstErrors: exemplars.errors,
      slowest: exemplars.slowest,
      seconds,
    }
  }
}

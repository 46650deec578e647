import type { Tracer } from '../tracing/tracer.ts'
import { type ArrivalPlan, arrivalsOf, countArrivals } from './arrivals.ts'
import { ClosedLoop } from './closed-loop.ts'
import { FailFast, type FailFastPlan } from './fail-fast.ts'
import type { LoadClock } from './in-flight.ts'
import { type Books, Ledger, type TrafficSecond } from './ledger.ts'
import type { Pace, PaceListener } from './pace.ts'
import { Pacer } from './pacer.ts'
import { type RequestOwner, UserRequest } from './request.ts'
import { monotonicTime, type TimeSource } from './time.ts'
import { WeightedTurns } from './turns.ts'
import { type StreamPlan, UserStream } from './user-stream.ts'

/** What users do, in numbers. */
export interface LoadPlan {
  model: LoadModel
  /** At least one; the planned requests are shared among them by their weights. */
  streams: readonly StreamPlan[]
  failFast?: FailFastPlan
  /** When it ends, in milliseconds since its start, where that is known before: then the plan is exact, however late `endAt` would come. */
  endMs?: number
}

export type LoadModel = OpenModel | ClosedModel

/** Requests arrive whatever comes back. */
export interface OpenModel {
  kind: 'open'
  arrivals: ArrivalPlan
  maxInFlight: number
  latenessBudgetMs: number
}

/** Each user waits for the answer before the next request. */
export interface ClosedModel {
  kind: 'closed'
  users: number
  thinkMs: number
}

export interface LoadSurroundings {
  tracer: Pick<Tracer, 'startRequest'>
  /** Called about once a second with what ended in it. */
  onSecond(second: TrafficSecond): void
  /** Called at most once: the load was given up, and why. It aborts itself. */
  onGiveUp?(reason: string): void
  /** Called when a request cannot be sent as it is made, such as when a function of the spec throws. It aborts itself. */
  onCannotSend?(error: unknown): void
  /** @default monotonicTime */
  time?: TimeSource
}

/** What came of the users' requests: all of them have ended, and each is in exactly one count. */
export interface LoadResult extends Books {
  /** Milliseconds since the epoch. */
  startedAt: number
  endedAt: number
  /** The books of each stream; absent where there is only one. */
  streams?: ReadonlyMap<StreamPlan, Books>
}

/**
 * Users who send requests in an open or a closed loop. Whatever the system does, each planned request ends in exactly
 * one outcome. It knows nothing of specs: what surrounds it is given.
 */
export class Load implements RequestOwner, LoadClock {
  /** Resolves when the load was ended or aborted and nothing is in flight any more; it never rejects. */
  readonly finished: Promise<LoadResult>

  readonly #plan: LoadPlan
  readonly #surroundings: LoadSurroundings
  readonly #time: TimeSource
  readonly #startedAt: number
  readonly #pace: Pace
  readonly #total: Ledger
  readonly #streams: readonly UserStream[]
  readonly #turns: WeightedTurns<UserStream>
  readonly #failFast: FailFast | undefined
  #sequence = 0
  #hasGivenUp = false
  #cancelSecond = () => {}

  /** Starts at once: the first request is planned now. */
  constructor(plan: LoadPlan, surroundings: LoadSurroundings) {
    const allEnded = Promise.withResolvers<void>()
    this.#plan = plan
    this.#surroundings = surroundings
    this.#time = surroundings.time ?? monotonicTime
    // One moment on both clocks: what is late after it is late in the books, too.
    const startMs = this.#time.now()
    this.#startedAt = Date.now()
    this.#total = new Ledger(this.#startedAt, (second) => surroundings.onSecond(second))
    const isOne = plan.streams.length === 1
    this.#streams = plan.streams.map(
      (stream) => new UserStream(stream, isOne ? this.#total : new Ledger(this.#startedAt), this),
    )
    this.#turns = new WeightedTurns(this.#streams, ({ plan: { weight } }) => weight)
    this.#failFast = plan.failFast && new FailFast(plan.failFast)
    this.#pace = paceOf(plan.model, {
      time: this.#time,
      startMs,
      send: (plannedMs, elapsedMs) => this.#send(plannedMs, elapsedMs),
      drop: () => this.#drop(),
      finished: allEnded.resolve,
    })
    this.finished = allEnded.promise.then(() => this.#close())
    this.#watchSeconds()
    if (plan.endMs !== undefined) this.#expectPlannedUntil(plan.endMs)
    this.#pace.start(plan.endMs)
  }

  get elapsedMs(): number {
    return this.#pace.elapsedMs
  }

  wakeAfter(milliseconds: number, wake: () => void): () => void {
    return this.#time.wakeAfter(milliseconds, wake)
  }

  /** Plans no request at or after that time since the start (at the earliest: now). */
  endAt(elapsedMs: number): Promise<LoadResult> {
    this.expectEndAt(elapsedMs)
    this.#pace.endAt(elapsedMs)
    return this.finished
  }

  /** Tells that it will not go on for longer than that: what success rate can be reached depends on it. */
  expectEndAt(elapsedMs: number): void {
    this.#expectPlannedUntil(Math.max(elapsedMs, this.elapsedMs))
  }

  /** Sends nothing more, and aborts what is in flight. */
  abort(): Promise<LoadResult> {
    this.#pace.cancel()
    for (const { inFlight } of this.#streams) inFlight.abortAll()
    return this.finished
  }

  requestEnded(request: UserRequest): void {
    const { stream, span, outcome, completed } = request
    request.endedMs = this.elapsedMs
    stream.inFlight.remove(request)
    stream.connections.release(request.connection, request.answered)
    this.#total.enter(request)
    if (stream.ledger !== this.#total) stream.ledger.enter(request)
    span.end(request)
    if (outcome === 'dropped') this.#failFast?.dropped()
    else if (outcome !== 'aborted') this.#giveUpIf(this.#failFast?.ended(completed, request.endedMs))
    this.#pace.requestEnded(request.answered, request.endedMs)
  }

  cannotSend(request: UserRequest, error: unknown): void {
    this.#surroundings.onCannotSend?.(error)
    request.drop()
    void this.abort()
  }

  #send(plannedMs: number, sentMs: number): void {
    const stream = this.#nextStream()
    const sequence = this.#sequence++
    const span = this.#surroundings.tracer.startRequest(stream.spanName, stream.spanAttributes)
    const request = new UserRequest(this, stream, span, { sequence, plannedMs, sentMs })
    stream.inFlight.add(request)
    try {
      request.send(stream.message(sequence, span))
    } catch (error) {
      this.cannotSend(request, error)
    }
  }

  #drop(): void {
    const stream = this.#nextStream()
    this.#sequence += 1
    this.#total.drop(this.elapsedMs)
    if (stream.ledger !== this.#total) stream.ledger.drop(this.elapsedMs)
    this.#failFast?.dropped()
  }

  #nextStream(): UserStream {
    const stream = this.#turns.next()
    stream.planned += 1
    return stream
  }

  #expectPlannedUntil(endMs: number): void {
    const { model, failFast } = this.#plan
    if (failFast?.successRate === undefined || model.kind === 'closed') return
    this.#failFast?.expect(countArrivals(model.arrivals, endMs))
  }

  #giveUpIf(reason: string | undefined): void {
    if (reason === undefined || this.#hasGivenUp) return
    this.#hasGivenUp = true
    this.#surroundings.onGiveUp?.(reason)
    void this.abort()
  }

  #watchSeconds(): void {
    const untilNextMs = 1000 - (this.elapsedMs % 1000)
    this.#cancelSecond = this.#time.wakeAfter(untilNextMs, () => {
      this.#total.advance(this.elapsedMs)
      this.#watchSeconds()
    })
  }

  async #close(): Promise<LoadResult> {
    const elapsedMs = this.elapsedMs
    this.#cancelSecond()
    const books = this.#total.close(elapsedMs, this.#pace.planned)
    const streams = this.#streams.length === 1 ? {} : { streams: this.#booksOfStreams(elapsedMs) }
    for (const { inFlight } of this.#streams) inFlight.close()
    await Promise.all(this.#streams.map(({ connections }) => connections.close()))
    return {
      startedAt: this.#startedAt,
      endedAt: Math.ceil(this.#startedAt + elapsedMs),
      ...books,
      ...streams,
    }
  }

  #booksOfStreams(elapsedMs: number): Map<StreamPlan, Books> {
    return new Map(this.#streams.map(({ plan, ledger, planned }) => [plan, ledger.close(elapsedMs, planned)]))
  }
}

function paceOf(model: LoadModel, listener: PaceListener): Pace {
  if (model.kind === 'closed') return new ClosedLoop({ ...listener, users: model.users, thinkMs: model.thinkMs })
  const { arrivals, maxInFlight, latenessBudgetMs } = model
  return new Pacer({ ...listener, arrivals: arrivalsOf(arrivals), maxInFlight, latenessBudgetMs })
}

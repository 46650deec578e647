import type { Dispatcher } from 'undici'
import type { PodSighting } from '../journal/events.ts'
import type { RequestEnd, RequestSpan, SpanAttributes } from '../tracing/tracer.ts'
import type { Connection } from './connections.ts'
import { longestBodyBytes } from './expectation.ts'
import type { EndedRequest } from './ledger.ts'
import { isMistakeOfCaller, type Outcome, outcomeOfError, type RequestStage, timeoutIn } from './outcomes.ts'
import type { UserStream } from './user-stream.ts'

/** Whoever is told what becomes of a request. */
export interface RequestOwner {
  /** Called once for each request: also while it is still being sent. */
  requestEnded(request: UserRequest): void
  /** What the request says cannot be sent. It has not ended yet. */
  cannotSend(request: UserRequest, error: Error): void
}

/** When a request is sent, and as which of the traffic. Times are milliseconds since the start of the traffic. */
export interface Sending {
  /** Its number among the planned requests of the traffic, from 0. */
  sequence: number
  plannedMs: number
  sentMs: number
}

/**
 * One users' request, from its sending to its one outcome. It ends at the latest when the users' patience does; whatever
 * happens on its connection after that is not its own any more.
 *
 * It is undici's handler, the entry of the ledger and the end of its span in one: a request costs no closure and no promise.
 */
export class UserRequest implements Dispatcher.DispatchHandler, EndedRequest, RequestEnd {
  readonly sequence: number
  readonly plannedMs: number
  readonly sentMs: number
  endedMs = 0
  stage: RequestStage = 'connecting'
  status: number | undefined
  /** Which pod answered, as far as the answer says it. */
  pod: string | undefined
  /** Whether it was answered as users expect. */
  completed = false
  /** Whether its answer was complete, so that the connection is as good as before. */
  answered = false

  /** Its neighbours among those that are under way. */
  before: UserRequest | undefined
  after: UserRequest | undefined

  readonly stream: UserStream
  readonly connection: Connection
  readonly span: RequestSpan
  readonly #owner: RequestOwner
  #outcome: Outcome | undefined
  #body: Buffer[] | undefined
  #bodyBytes = 0

  constructor(owner: RequestOwner, stream: UserStream, span: RequestSpan, { sequence, plannedMs, sentMs }: Sending) {
    this.sequence = sequence
    this.plannedMs = plannedMs
    this.sentMs = sentMs
    this.stream = stream
    this.span = span
    this.connection = stream.connections.take()
    this.#owner = owner
    if (stream.plan.expectation.looksIntoBody) this.#body = []
  }

  /** Meaningful once it has ended. */
  get outcome(): Outcome {
    return this.#outcome ?? 'aborted'
  }

  get latencyMs(): number {
    return this.endedMs - this.plannedMs
  }

  get error(): string | undefined {
    return this.completed ? undefined : this.outcome
  }

  get attributes(): SpanAttributes {
    const { outcome, status } = this
    return { 'chaos_test.outcome': outcome, ...(status === undefined ? {} : { 'http.response.status_code': status }) }
  }

  get podsNow(): readonly PodSighting[] | undefined {
    return this.stream.plan.podsNow?.()
  }

  send(message: Dispatcher.DispatchOptions): void {
    this.connection.dispatch(message, this)
  }

  /** Ends it as `aborted`. */
  abort(): void {
    this.#end('aborted')
  }

  /** Ends it as one that could not be sent. */
  drop(): void {
    this.#end('dropped')
  }

  /** Ends it because the users' patience is over. */
  timeOut(): void {
    this.#end(timeoutIn[this.stage])
  }

  onRequestStart(): void {
    this.stage = 'waiting'
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // An informational answer (1xx) is followed by another.
    if (status < 200) return
    this.stage = 'reading'
    this.status = status
    const pod = headers[this.stream.plan.podHeader]
    if (pod !== undefined) this.pod = String(pod)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#body) return
    this.#bodyBytes += chunk.length
    if (this.#bodyBytes <= longestBodyBytes) this.#body.push(chunk)
    else this.#body.length = 0
  }

  onResponseEnd(): void {
    if (this.#outcome || this.status === undefined) return
    const { outcome, completed } = this.stream.judge(this.status, this.#text())
    this.completed = completed
    this.answered = true
    this.#end(outcome)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (isMistakeOfCaller(error)) this.#owner.cannotSend(this, error)
    else this.#end(outcomeOfError(error, this.stage, this.stream.isSecure))
  }

  #text(): string | undefined {
    if (!this.#body || this.#bodyBytes > longestBodyBytes) return undefined
    return Buffer.concat(this.#body).toString('utf8')
  }

  #end(outcome: Outcome): void {
    if (this.#outcome) return
    this.#outcome = outcome
    this.#owner.requestEnded(this)
  }
}

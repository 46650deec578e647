import type { TimeSource } from './time.ts'

export interface PacerOptions {
  /** Planned arrivals per second. */
  perSecond: number
  /** How many requests may wait for their answer at the same time. */
  maxInFlight: number
  /** How much later than planned a request may be sent. */
  latenessBudgetMs: number
  time: TimeSource
  /** Sends the request planned at that time (milliseconds since the start). Its end is told to `requestEnded`. */
  send(plannedMs: number): void
  /** Counts the request planned at that time as dropped. */
  drop(plannedMs: number): void
  /** Called once: all planned requests were sent and have ended, or were dropped. */
  finished(): void
}

/**
 * When to send: an open loop. The nth request is planned at `n / rate` after the start, whatever becomes of the others.
 *
 * A request is sent as soon as its time has come and the number in flight allows it, or dropped once it is late by more
 * than the budget; so each planned request is either sent or dropped, and those that wait need no memory, because their
 * times follow from their numbers.
 */
export class Pacer {
  readonly #options: PacerOptions
  readonly #startMs: number
  #next = 0
  #inFlight = 0
  #endMs = Number.POSITIVE_INFINITY
  #cancelWake = () => {}
  #running = false
  #finished = false

  /** The schedule starts now; nothing is sent before `start`. */
  constructor(options: PacerOptions) {
    this.#options = options
    this.#startMs = options.time.now()
  }

  /** How many requests were planned until now, or until the end. */
  get planned(): number {
    return this.#next
  }

  get elapsedMs(): number {
    return this.#options.time.now() - this.#startMs
  }

  start(): void {
    this.#run()
  }

  /** Plans no request at or after that time since the start. What was planned before stays planned. */
  endAt(elapsedMs: number): void {
    this.#endMs = Math.max(elapsedMs, this.elapsedMs)
    this.#run()
  }

  /** Sends nothing more: what is planned until now and was not sent is dropped. */
  cancel(): void {
    this.#endMs = this.elapsedMs
    while (this.#plannedMs < this.#endMs) this.#drop()
    this.#run()
  }

  /** A request that was sent has ended. */
  requestEnded(): void {
    this.#inFlight -= 1
    this.#run()
  }

  /** When the next request is planned. */
  get #plannedMs(): number {
    return (this.#next * 1000) / this.#options.perSecond
  }

  #run(): void {
    // A request that ends while it is being sent comes back here: the loop below goes on anyway.
    if (this.#running || this.#finished) return
    this.#running = true
    this.#handleDue()
    this.#running = false
    this.#cancelWake()
    this.#waitForNext()
  }

  #handleDue(): void {
    for (;;) {
      const elapsedMs = this.elapsedMs
      const plannedMs = this.#plannedMs
      if (plannedMs > elapsedMs || plannedMs >= this.#endMs) return
      if (elapsedMs - plannedMs > this.#options.latenessBudgetMs) this.#drop()
      else if (this.#inFlight < this.#options.maxInFlight) this.#send(plannedMs)
      else return
    }
  }

  #send(plannedMs: number): void {
    this.#next += 1
    this.#inFlight += 1
    this.#options.send(plannedMs)
  }

  #drop(): void {
    const plannedMs = this.#plannedMs
    this.#next += 1
    this.#options.drop(plannedMs)
  }

  #waitForNext(): void {
    const elapsedMs = this.elapsedMs
    const plannedMs = this.#plannedMs
    if (plannedMs >= this.#endMs) {
      if (elapsedMs < this.#endMs) this.#wakeAt(this.#endMs)
      else if (this.#inFlight === 0) this.#finish()
      return
    }
    const isFull = this.#inFlight >= this.#options.maxInFlight
    this.#wakeAt(isFull ? plannedMs + this.#options.latenessBudgetMs : plannedMs)
  }

  /** At the earliest after a millisecond: a timer does not fire at once, and full in-flight must not spin. */
  #wakeAt(elapsedMs: number): void {
    this.#cancelWake = this.#options.time.wakeAfter(Math.max(elapsedMs - this.elapsedMs, 1), () => this.#run())
  }

  #finish(): void {
    this.#finished = true
    this.#options.finished()
  }
}

import type { Arrivals } from './arrivals.ts'
import type { Pace, PaceListener } from './pace.ts'

export interface PacerOptions extends PaceListener {
  arrivals: Arrivals
  /** How many requests may wait for their answer at the same time. */
  maxInFlight: number
  /** How much later than planned a request may be sent. */
  latenessBudgetMs: number
}

/**
 * How many are sent before answers are looked at again. Whoever makes up for a stall without looking up opens a new
 * connection for each request, takes longer for it than the next ones stay away, and never gets out of it.
 */
const mostAtOnce = 64

/**
 * When to send: an open loop. Each request is planned by the arrivals alone, whatever becomes of the others.
 *
 * A request is sent as soon as its time has come and the number in flight allows it, or dropped once it is late by more
 * than the budget; so each planned request is either sent or dropped, and those that wait need no memory, because their
 * times follow from the arrivals.
 */
export class Pacer implements Pace {
  readonly #options: PacerOptions
  readonly #startMs: number
  #planned = 0
  /** When the next request is planned. */
  #nextMs: number
  #inFlight = 0
  #endMs = Number.POSITIVE_INFINITY
  /** What the alarm is set to; `NaN` where there is none. */
  #alarmMs = Number.NaN
  #cancelWake = () => {}
  /** Whether answers are to be looked at before anything more is sent. */
  #givesWay = false
  #running = false
  #finished = false

  /** Nothing is sent before `start`. */
  constructor(options: PacerOptions) {
    this.#options = options
    this.#startMs = options.startMs ?? options.time.now()
    this.#nextMs = options.arrivals.next()
  }

  get planned(): number {
    return this.#planned
  }

  get elapsedMs(): number {
    return this.#options.time.now() - this.#startMs
  }

  start(endMs = Number.POSITIVE_INFINITY): void {
    this.#endMs = Math.min(this.#endMs, endMs)
    this.#run()
  }

  endAt(elapsedMs: number): void {
    this.#endMs = Math.min(this.#endMs, Math.max(elapsedMs, this.elapsedMs))
    this.#run()
  }

  cancel(): void {
    this.#endMs = Math.min(this.#endMs, this.elapsedMs)
    while (this.#nextMs < this.#endMs) this.#drop()
    this.#run()
  }

  requestEnded(_answered = true, elapsedMs = this.elapsedMs): void {
    this.#inFlight -= 1
    this.#run(elapsedMs)
  }

  #run(startMs = this.elapsedMs): void {
    // A request that ends while it is being sent comes back here: the loop below goes on anyway.
    if (this.#running || this.#givesWay || this.#finished) return
    this.#running = true
    const elapsedMs = this.#handleDue(startMs)
    this.#running = false
    if (elapsedMs === undefined) this.#giveWay()
    else this.#waitForNext(elapsedMs)
  }

  /** @returns the time until which everything was handled; undefined if there may be more */
  #handleDue(startMs: number): number | undefined {
    const last = this.#planned + mostAtOnce
    for (let elapsedMs = startMs; ; elapsedMs = this.elapsedMs) {
      if (this.#nextMs > elapsedMs || this.#nextMs >= this.#endMs) return elapsedMs
      if (this.#planned === last) return undefined
      if (elapsedMs - this.#nextMs > this.#options.latenessBudgetMs) this.#drop()
      else if (this.#inFlight < this.#options.maxInFlight) this.#send(elapsedMs)
      else return elapsedMs
    }
  }

  #giveWay(): void {
    this.#givesWay = true
    this.#options.time.wakeAfter(0, () => {
      this.#givesWay = false
      this.#run()
    })
  }

  #send(elapsedMs: number): void {
    const plannedMs = this.#take()
    this.#inFlight += 1
    this.#options.send(plannedMs, elapsedMs)
  }

  #drop(): void {
    this.#options.drop(this.#take())
  }

  #take(): number {
    const plannedMs = this.#nextMs
    this.#planned += 1
    this.#nextMs = this.#options.arrivals.next()
    return plannedMs
  }

  #waitForNext(elapsedMs: number): void {
    if (this.#nextMs >= this.#endMs) {
      if (elapsedMs < this.#endMs) this.#wakeAt(this.#endMs, elapsedMs)
      else if (this.#inFlight === 0) this.#finish()
      else this.#cancelAlarm()
      return
    }
    const isFull = this.#inFlight >= this.#options.maxInFlight
    this.#wakeAt(isFull ? this.#nextMs + this.#options.latenessBudgetMs : this.#nextMs, elapsedMs)
  }

  /** At the earliest after a millisecond: a timer does not fire at once, and full in-flight must not spin. */
  #wakeAt(atMs: number, elapsedMs: number): void {
    // Answers come more often than the next alarm changes.
    if (atMs === this.#alarmMs) return
    this.#cancelAlarm()
    this.#alarmMs = atMs
    this.#cancelWake = this.#options.time.wakeAfter(Math.max(atMs - elapsedMs, 1), () => {
      this.#alarmMs = Number.NaN
      this.#run()
    })
  }

  #cancelAlarm(): void {
    this.#cancelWake()
    this.#alarmMs = Number.NaN
  }

  #finish(): void {
    this.#finished = true
    this.#cancelAlarm()
    this.#options.finished()
  }
}

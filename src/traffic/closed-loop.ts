import type { Pace, PaceListener } from './pace.ts'

export interface ClosedLoopOptions extends PaceListener {
  users: number
  /** How long a user waits after an answer before the next request. */
  thinkMs: number
}

/** How long users wait at the least who got no answer: a service that is down must not be hammered. */
const pauseWithoutAnswerMs = 100

/**
 * A closed loop: so many users, each of whom sends the next request when the last one has ended and some time of
 * thinking has passed. A slow service slows them down, so what they see is milder than what an open loop sees.
 *
 * They start evenly over the first time of thinking. A request is planned for the moment at which its user is ready.
 */
export class ClosedLoop implements Pace {
  readonly #options: ClosedLoopOptions
  readonly #startMs: number
  /** What cancels the alarms of those who wait. */
  readonly #waiting = new Set<() => void>()
  #planned = 0
  #inFlight = 0
  #endMs = Number.POSITIVE_INFINITY
  #cancelEnd = () => {}
  #finished = false

  constructor(options: ClosedLoopOptions) {
    this.#options = options
    this.#startMs = options.startMs ?? options.time.now()
  }

  get planned(): number {
    return this.#planned
  }

  get elapsedMs(): number {
    return this.#options.time.now() - this.#startMs
  }

  start(endMs = Number.POSITIVE_INFINITY): void {
    this.#endMs = Math.min(this.#endMs, endMs)
    const { users, thinkMs } = this.#options
    for (let user = 0; user < users; user += 1) this.#readyAt((user * thinkMs) / users, this.elapsedMs)
    if (this.#endMs < Number.POSITIVE_INFINITY) this.#watchEnd()
  }

  endAt(elapsedMs: number): void {
    this.#endMs = Math.min(this.#endMs, Math.max(elapsedMs, this.elapsedMs))
    this.#watchEnd()
  }

  cancel(): void {
    this.endAt(0)
  }

  requestEnded(answered: boolean, elapsedMs = this.elapsedMs): void {
    const { thinkMs } = this.#options
    const pauseMs = answered ? thinkMs : Math.max(thinkMs, pauseWithoutAnswerMs)
    this.#inFlight -= 1
    if (elapsedMs < this.#endMs) this.#readyAt(elapsedMs + pauseMs, elapsedMs)
    else this.#finishIfOver()
  }

  #readyAt(readyMs: number, elapsedMs: number): void {
    const waitMs = readyMs - elapsedMs
    if (waitMs <= 0) {
      this.#send(readyMs, elapsedMs)
      return
    }
    const cancel = this.#options.time.wakeAfter(waitMs, () => {
      this.#waiting.delete(cancel)
      this.#send(readyMs, this.elapsedMs)
    })
    this.#waiting.add(cancel)
  }

  #send(plannedMs: number, elapsedMs: number): void {
    if (plannedMs >= this.#endMs) return
    this.#planned += 1
    this.#inFlight += 1
    this.#options.send(plannedMs, elapsedMs)
  }

  /** An alarm may ring a little early. */
  #watchEnd(): void {
    this.#cancelEnd()
    const remainingMs = this.#endMs - this.elapsedMs
    if (remainingMs > 0) this.#cancelEnd = this.#options.time.wakeAfter(remainingMs, () => this.#watchEnd())
    else this.#finishIfOver()
  }

  #finishIfOver(): void {
    if (this.#finished || this.#inFlight > 0 || this.elapsedMs < this.#endMs) return
    this.#finished = true
    this.#cancelEnd()
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
    this.#options.finished()
  }
}

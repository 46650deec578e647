import type { UserRequest } from './request.ts'

/** The time of a load: milliseconds since its start. */
export interface LoadClock {
  readonly elapsedMs: number
  wakeAfter(milliseconds: number, wake: () => void): () => void
}

/**
 * The requests of one stream that are under way, in the order in which they were sent: that in which the users' patience
 * ends, too. So one alarm serves all of them, and a request costs no timer.
 */
export class InFlight {
  readonly #patienceMs: number
  readonly #clock: LoadClock
  #oldest: UserRequest | undefined
  #newest: UserRequest | undefined
  #cancelAlarm: (() => void) | undefined

  constructor(patienceMs: number, clock: LoadClock) {
    this.#patienceMs = patienceMs
    this.#clock = clock
  }

  add(request: UserRequest): void {
    request.before = this.#newest
    if (this.#newest) this.#newest.after = request
    else this.#oldest = request
    this.#newest = request
    this.#cancelAlarm ??= this.#clock.wakeAfter(this.#patienceMs, () => this.#endImpatient())
  }

  remove(request: UserRequest): void {
    const { before, after } = request
    if (before) before.after = after
    else this.#oldest = after
    if (after) after.before = before
    else this.#newest = before
    request.before = undefined
    request.after = undefined
  }

  abortAll(): void {
    for (let request = this.#oldest; request; request = this.#oldest) request.abort()
  }

  close(): void {
    this.#cancelAlarm?.()
  }

  /** The alarm was set for a request that may have ended long ago: then it is set again, for the oldest one now. */
  #endImpatient(): void {
    const { elapsedMs } = this.#clock
    this.#cancelAlarm = undefined
    for (let request = this.#oldest; request; request = this.#oldest) {
      const remainingMs = request.sentMs + this.#patienceMs - elapsedMs
      if (remainingMs > 0) {
        this.#cancelAlarm ??= this.#clock.wakeAfter(remainingMs, () => this.#endImpatient())
        return
      }
      request.timeOut()
    }
  }
}

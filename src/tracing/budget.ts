import { type Clock, systemClock } from '../support/clock.ts'

/** Lets so many through in each second, and no more. */
export class SecondlyBudget {
  readonly #perSecond: number
  readonly #clock: Pick<Clock, 'now'>
  #second = 0
  #spent = 0

  constructor(perSecond: number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Whether there is something left of this second's budget; if so, it is spent. */
  take(): boolean {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#spent = 0
    }
    if (this.#spent >= this.#perSecond) return false
    this.#spent++
    return true
  }
}

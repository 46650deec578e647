import { formatFraction, formatMilliseconds } from '../support/quantities.ts'

/** When the traffic is to be given up: as shares from 0 to 1. */
export interface FailFastPlan {
  /** Given up when more than that share of the requests that ended within the window failed. */
  errorRate?: { limit: number; windowMs: number; minRequests: number }
  /** Given up when that share of successes cannot be reached any more. */
  successRate?: number
}

/** In how many steps the window moves. */
const steps = 50

/** Watches how requests end, and says when there is nothing left to wait for. */
export class FailFast {
  readonly #plan: FailFastPlan
  readonly #window: SlidingCounts
  #failed = 0
  #dropped = 0
  #planned = Number.POSITIVE_INFINITY

  constructor(plan: FailFastPlan) {
    this.#plan = plan
    this.#window = new SlidingCounts(plan.errorRate?.windowMs ?? 1)
  }

  /** How many requests will have been planned at the end: known once the end is. */
  expect(planned: number): void {
    this.#planned = planned
  }

  dropped(): void {
    this.#dropped += 1
  }

  /** @returns why the traffic is to be given up, if it is */
  ended(completed: boolean, endedMs: number): string | undefined {
    this.#window.add(endedMs, completed)
    if (completed) return undefined
    this.#failed += 1
    return this.#tooManyErrors() ?? this.#isOutOfReach()
  }

  #tooManyErrors(): string | undefined {
    const { errorRate } = this.#plan
    if (!errorRate) return undefined
    const { failed, all } = this.#window
    if (all < errorRate.minRequests || failed <= all * errorRate.limit) return undefined
    return `${failed} of the ${all} requests that ended in the last ${formatMilliseconds(errorRate.windowMs)} failed (${formatFraction(failed / all)}), and no more than ${formatFraction(errorRate.limit)} may`
  }

  /** Even if every request that is left succeeds, it is not enough. (Steadybit's HTTP check ends early by this rule.) */
  #isOutOfReach(): string | undefined {
    const { successRate } = this.#plan
    const sent = this.#planned - this.#dropped
    if (successRate === undefined || sent === Number.POSITIVE_INFINITY) return undefined
    if (sent - this.#failed >= sent * successRate) return undefined
    return `${this.#failed} of ${sent} requests have failed, so that a success rate of ${formatFraction(successRate)} cannot be reached any more`
  }
}

/** Counts over a window of time that moves in steps: its size does not depend on how many are counted. */
class SlidingCounts {
  readonly #stepMs: number
  readonly #completed = new Float64Array(steps)
  readonly #failed = new Float64Array(steps)
  #current = 0
  failed = 0
  all = 0

  constructor(windowMs: number) {
    this.#stepMs = windowMs / steps
  }

  add(atMs: number, completed: boolean): void {
    this.#moveTo(Math.floor(atMs / this.#stepMs))
    const slot = this.#current % steps
    const counts = completed ? this.#completed : this.#failed
    counts[slot] = (counts[slot] ?? 0) + 1
    this.all += 1
    if (!completed) this.failed += 1
  }

  #moveTo(step: number): void {
    const passed = Math.min(step - this.#current, steps)
    for (let n = 1; n <= passed; n += 1) this.#forget((this.#current + n) % steps)
    this.#current = Math.max(this.#current, step)
  }

  #forget(slot: number): void {
    const [completed = 0, failed = 0] = [this.#completed[slot], this.#failed[slot]]
    this.all -= completed + failed
    this.failed -= failed
    this.#completed[slot] = 0
    this.#failed[slot] = 0
  }
}

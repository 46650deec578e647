import { type Clock, monotonicClock } from '../support/clock.ts'
import { gravest, type Miss } from './outcome.ts'

/** A steady state that is looked at again and again while a method runs. */
export interface Watched {
  everyMs: number
  /** Whether a miss ends the method at once. */
  abort: boolean
  check(signal: AbortSignal): Promise<Miss | undefined>
}

/**
 * Looks at steady states while a method runs: the first time at once, and then each one's period after the look before
 * began, or as soon as that has ended. A miss counts, whatever comes after it; a look that could not tell is a miss, too.
 */
export class Watch {
  readonly #stop = new AbortController()
  readonly #abort = new AbortController()
  readonly #misses: Miss[] = []
  readonly #watching: Promise<void>[]

  /** Starts at once. @param parent ends it: the run was cancelled */
  constructor(states: readonly Watched[], parent: AbortSignal, clock: Clock = monotonicClock) {
    const looking = AbortSignal.any([parent, this.#abort.signal])
    const waiting = AbortSignal.any([looking, this.#stop.signal])
    this.#watching = states.map((state) => this.#watch(state, { looking, waiting, clock }))
  }

  /** Aborts with the error of a miss that must end the method. */
  get aborted(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends it when the looks that have begun are over. @returns the gravest miss */
  async end(): Promise<Miss | undefined> {
    this.#stop.abort()
    await Promise.all(this.#watching)
    return gravest(this.#misses)
  }

  async #watch(
    { everyMs, abort, check }: Watched,
    { looking, waiting, clock }: { looking: AbortSignal; waiting: AbortSignal; clock: Clock },
  ): Promise<void> {
    while (!waiting.aborted) {
      const nextAt = clock.now() + everyMs
      const miss = await check(looking)
      // What was cut tells nothing.
      if (looking.aborted) return
      if (miss) {
        this.#misses.push(miss)
        if (abort) this.#abort.abort(miss.error)
      }
      await clock.sleep(Math.max(0, nextAt - clock.now()), waiting).catch(() => undefined)
    }
  }
}

import type { StoreEvent } from './store.ts'

/**
 * The last writes, by their resource version. Every write takes the next version, so version `n` has the slot
 * `n % capacity`.
 */
export class History {
  readonly #capacity: number
  readonly #events: StoreEvent[] = []
  #latest = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(event: StoreEvent): void {
    this.#events[event.version % this.#capacity] = event
    this.#latest = event.version
  }

  /** The version before the oldest write that is still known: the oldest one to resume from. */
  get oldest(): number {
    return Math.max(0, this.#latest - this.#capacity)
  }

  /** The writes after a version, oldest first; undefined when some of them are no longer known, or it never was. */
  after(version: number): StoreEvent[] | undefined {
    if (version < this.oldest || version > this.#latest) return undefined
    const events: StoreEvent[] = []
    for (let next = version + 1; next <= this.#latest; next++) {
      const event = this.#events[next % this.#capacity]
      if (event) events.push(event)
    }
    return events
  }
}

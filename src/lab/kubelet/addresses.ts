const firstPodHost = 2 // .1 is the node itself
const lastPodHost = 254

/**
 * The pod addresses of one node. A released address is given out again only after all others of the range, so that
 * what still calls a pod that is gone does not reach another.
 */
export class PodAddresses {
  /** The first three octets, as in `198.18.64`. */
  readonly range: string
  readonly #taken = new Set<number>()
  #next = firstPodHost

  constructor(range: string) {
    this.range = range
  }

  /** The address of the node that the range belongs to. */
  get node(): string {
    return `${this.range}.1`
  }

  /** An address that no pod has, or `undefined` when all are taken. */
  take(): string | undefined {
    for (let tried = firstPodHost; tried <= lastPodHost; tried++) {
      const candidate = this.#next
      this.#next = candidate === lastPodHost ? firstPodHost : candidate + 1
      if (this.#taken.has(candidate)) continue
      this.#taken.add(candidate)
      return `${this.range}.${candidate}`
    }
    return undefined
  }

  release(address: string): void {
    this.#taken.delete(Number(address.slice(this.range.length + 1)))
  }
}

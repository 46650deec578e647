import { expectationsTimeoutMs } from '../constants.ts'

/**
 * What a ReplicaSet has done and not yet seen in its store: until then it must not count pods again, or it would create
 * or delete too many.
 */
export class Expectations {
  readonly #now: () => number
  readonly #pending = new Map<string, Pending>()

  constructor(now: () => number) {
    this.#now = now
  }

  expectCreations(key: string, count: number): void {
    this.#pending.set(key, { creations: count, deletions: new Set(), since: this.#now() })
  }

  /** The pods by their keys. */
  expectDeletions(key: string, pods: readonly string[]): void {
    this.#pending.set(key, { creations: 0, deletions: new Set(pods), since: this.#now() })
  }

  creationSeen(key: string): void {
    const pending = this.#pending.get(key)
    if (pending) pending.creations -= 1
  }

  /** Pods that will not come after all. */
  creationsFailed(key: string, count: number): void {
    const pending = this.#pending.get(key)
    if (pending) pending.creations -= count
  }

  /** Seen, or it failed. */
  deletionSeen(key: string, pod: string): void {
    this.#pending.get(key)?.deletions.delete(pod)
  }

  /** Whether all was seen, or so long ago that it will not be. */
  areMet(key: string): boolean {
    const pending = this.#pending.get(key)
    if (!pending) return true
    if (pending.creations <= 0 && pending.deletions.size === 0) return true
    return pending.since + expectationsTimeoutMs < this.#now()
  }

  forget(key: string): void {
    this.#pending.delete(key)
  }
}

interface Pending {
  creations: number
  deletions: Set<string>
  since: number
}

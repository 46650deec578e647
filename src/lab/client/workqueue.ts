import { type Clock, systemClock } from '../../support/clock.ts'

export interface WorkQueueOptions {
  clock?: Clock
  /** Told of an error of `sync`, before its key is tried again. */
  onError?: (key: string, error: unknown) => void
  /** The wait after the first error, in milliseconds (5); it doubles with each further one. */
  firstRetryMs?: number
  /** The longest wait after an error, in milliseconds (1000 s). */
  longestRetryMs?: number
}

/**
 * Keys to be synced. A key is never synced twice at the same time: one added meanwhile is synced once more, after. A
 * sync that throws is repeated with exponential back-off. Different keys are synced side by side.
 *
 * The back-off is that of Kubernetes' controllers: 5 ms, doubled with each failure, up to 1000 s.
 */
export class WorkQueue {
  readonly #sync: (key: string) => Promise<void>
  readonly #clock: Clock
  readonly #onError: (key: string, error: unknown) => void
  readonly #firstRetryMs: number
  readonly #longestRetryMs: number
  readonly #failures = new Map<string, number>()
  readonly #syncing = new Map<string, Promise<void>>()
  readonly #again = new Set<string>()
  readonly #delayed = new Map<string, { at: number; cancel: AbortController }>()
  #stopped = false

  constructor(sync: (key: string) => Promise<void>, options: WorkQueueOptions = {}) {
    this.#sync = sync
    this.#clock = options.clock ?? systemClock
    this.#onError = options.onError ?? (() => {})
    this.#firstRetryMs = options.firstRetryMs ?? 5
    this.#longestRetryMs = options.longestRetryMs ?? 1_000_000
  }

  /** Syncs the key as soon as it can be. */
  add(key: string): void {
    if (this.#stopped) return
    if (this.#syncing.has(key)) this.#again.add(key)
    else this.#syncing.set(key, this.#run(key))
  }

  /** Syncs the key after the time; of several waits of one key the shortest counts. */
  after(key: string, milliseconds: number): void {
    if (this.#stopped) return
    const at = this.#clock.now() + milliseconds
    const waiting = this.#delayed.get(key)
    if (waiting && waiting.at <= at) return
    waiting?.cancel.abort()
    const cancel = new AbortController()
    this.#delayed.set(key, { at, cancel })
    this.#clock.sleep(milliseconds, cancel.signal).then(
      () => {
        this.#delayed.delete(key)
        this.add(key)
      },
      () => {},
    )
  }

  /** Resolves when no sync runs any more; none will. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { cancel } of this.#delayed.values()) cancel.abort()
    this.#delayed.clear()
    await Promise.all(this.#syncing.values())
  }

  async #run(key: string): Promise<void> {
    await Promise.resolve()
    try {
      await this.#sync(key)
      this.#failures.delete(key)
    } catch (error) {
      this.#retry(key, error)
    } finally {
      this.#syncing.delete(key)
      if (this.#again.delete(key)) this.add(key)
    }
  }

  #retry(key: string, error: unknown): void {
    if (this.#stopped) return
    this.#onError(key, error)
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.after(key, Math.min(this.#firstRetryMs * 2 ** failures, this.#longestRetryMs))
  }
}

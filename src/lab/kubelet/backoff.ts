/**
 * The kubelet's back-off between restarts of one container: the first restart is at once, then 10 s after the last
 * finish, then 20 s, … up to a longest; it starts afresh after a run of more than twice the longest.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
export class RestartBackoff {
  readonly #firstMs: number
  readonly #longestMs: number
  #waitMs = 0
  #lastStartMs = Number.NEGATIVE_INFINITY

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** How long to wait after a run that finished at that time (milliseconds since the epoch). */
  waitAfter(finishedAtMs: number): number {
    if (finishedAtMs - this.#lastStartMs > 2 * this.#longestMs) this.#waitMs = 0
    return this.#waitMs
  }

  /** Forgets all restarts. */
  reset(): void {
    this.#waitMs = 0
  }

  /** Says that the container was started again. */
  restarted(nowMs: number): void {
    this.#waitMs = this.#waitMs === 0 ? this.#firstMs : Math.min(this.#waitMs * 2, this.#longestMs)
    this.#lastStartMs = nowMs
  }
}

/**
 * What ends a method from beside it, such as users who were started and give up: each is a signal, and its reason is
 * what went wrong. As long as one stands that has aborted, no method begins.
 */
export class MethodGuards {
  readonly #standing = new Set<AbortSignal>()
  #method = new AbortController()

  /** @returns what lifts it: then it counts no more */
  add(guard: AbortSignal): () => void {
    const end = () => this.#method.abort(guard.reason)
    this.#standing.add(guard)
    if (guard.aborted) end()
    guard.addEventListener('abort', end, { once: true })
    return () => {
      this.#standing.delete(guard)
      guard.removeEventListener('abort', end)
    }
  }

  /** Aborts with the reason of the first guard that does so while the method runs that begins now. */
  begin(): AbortSignal {
    this.#method = new AbortController()
    return this.#method.signal
  }

  /** Why those that stand have aborted. */
  get reasons(): readonly unknown[] {
    return [...this.#standing].filter(({ aborted }) => aborted).map(({ reason }) => reason)
  }
}

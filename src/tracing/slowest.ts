/** As many as a stream of traffic shows of its slowest requests. */
const kept = 5

/**
 * Knows the slowest users' requests of each stream, so that those which a journal or a report shows have a trace,
 * whatever the budget of traces says.
 */
export class SlowestSpans {
  /** By what the requests belong to: a few durations, the longest first. */
  readonly #durations = new Map<string, number[]>()

  /** @returns whether it is among the slowest so far: at first each is, later hardly one */
  enter(stream: string, latencyMs: unknown): boolean {
    if (typeof latencyMs !== 'number') return false
    const slowest = this.#durations.get(stream) ?? []
    if (slowest.length === kept && latencyMs <= (slowest.at(-1) ?? 0)) return false
    this.#durations.set(stream, [...slowest, latencyMs].sort((a, b) => b - a).slice(0, kept))
    return true
  }
}

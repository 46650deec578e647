/** As many as a stream of traffic shows of its slowest requests. */
const kept = 5

/**
 * Knows the slowest users' requests of each stream, so that those which a journal or a report shows have a trace,
 * whatever the budget of traces says.
 */
export class SlowestSpans {
  /** By what all requests of a stream share: a few latencies, the longest first. */
  readonly #latencies = new WeakMap<object, number[]>()

  /** @returns whether it is among the slowest so far: at first each is, later hardly one */
  enter(stream: object, latencyMs: number): boolean {
    const slowest = this.#latencies.get(stream) ?? []
    if (slowest.length === kept && latencyMs <= (slowest.at(-1) ?? 0)) return false
    this.#latencies.set(stream, [...slowest, latencyMs].sort((a, b) => b - a).slice(0, kept))
    return true
  }
}

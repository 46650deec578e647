const sampleMs = 20
const rememberedMs = 120_000

interface Lateness {
  atMs: number
  lateMs: number
}

/**
 * How late this process itself was: on a busy machine a probe may fail because the prober could not run, which says
 * nothing about the pod.
 */
export class LagMeter {
  #expectedMs = performance.now() + sampleMs
  #late: Lateness[] = []
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#sample(), sampleMs)
    this.#timer.unref()
  }

  /** The longest time since then (a `performance.now()`) for which nothing ran here, in milliseconds. */
  worstSince(sinceMs: number): number {
    const pending = Math.max(0, performance.now() - this.#expectedMs)
    return this.#late.reduce((worst, { atMs, lateMs }) => (atMs >= sinceMs ? Math.max(worst, lateMs) : worst), pending)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    const atMs = performance.now()
    const lateMs = atMs - this.#expectedMs
    if (lateMs > sampleMs) {
      this.#late = this.#late.filter((lateness) => atMs - lateness.atMs < rememberedMs)
      this.#late.push({ atMs, lateMs })
    }
    this.#expectedMs = atMs + sampleMs
  }
}

/** In the words of events and conditions, in which few different ones are kept apart. */
export function stoodStill(lateMs: number): string {
  return `stood still for ${(Math.ceil(lateMs / 100) * 0.1).toFixed(1)} s`
}

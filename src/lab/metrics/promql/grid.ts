/** The bounds of a query as it was asked, in milliseconds since the epoch: of an instant query both are the same. */
export interface QueryRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** The times at which a query is evaluated: every one of its values is computed for all of them at once. */
export class Grid {
  readonly startMs: number
  readonly stepMs: number
  /** How many times: at least one. */
  readonly count: number

  constructor(startMs: number, stepMs: number, count: number) {
    this.startMs = startMs
    this.stepMs = stepMs
    this.count = count
  }

  /** One time. */
  static instant(atMs: number): Grid {
    return new Grid(atMs, 1, 1)
  }

  /** From one time to another, which counts where a step ends on it. */
  static range(startMs: number, endMs: number, stepMs: number): Grid {
    return new Grid(startMs, stepMs, Math.floor((endMs - startMs) / stepMs) + 1)
  }

  get endMs(): number {
    return this.timeAt(this.count - 1)
  }

  timeAt(step: number): number {
    return this.startMs + step * this.stepMs
  }
}

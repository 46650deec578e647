import { EvaluationError } from './errors.ts'

/** How many samples one query may hold in memory: Prometheus' default. */
const defaultMaxSamples = 50_000_000

/** What a query may take of the memory and the time of the process that it shares with the scraper. */
export class Budget {
  #left: number

  constructor(maxSamples = defaultMaxSamples) {
    this.#left = maxSamples
  }

  /** @throws EvaluationError when it is used up */
  take(samples: number): void {
    this.#left -= samples
    if (this.#left < 0) {
      throw new EvaluationError('query processing would load too many samples into memory in query execution')
    }
  }
}

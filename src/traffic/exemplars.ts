import type { RequestExemplar } from '../journal/events.ts'

const firstErrorsOfAKind = 3
const slowestKept = 5

/** Keeps a few requests that are worth a look, however many there are: the first errors of each kind, and the slowest. */
export class ExemplarReservoir {
  readonly #errors = new Map<string, RequestExemplar[]>()
  readonly #slowest: RequestExemplar[] = []

  /** Whether such a request would be kept: asked first, so that only those are built. */
  wants(outcome: string, isError: boolean, latencyMs: number): boolean {
    if (isError) return (this.#errors.get(outcome)?.length ?? 0) < firstErrorsOfAKind
    return this.#slowest.length < slowestKept || latencyMs > (this.#slowest.at(-1)?.latencyMs ?? 0)
  }

  keep(exemplar: RequestExemplar, isError: boolean): void {
    if (isError) {
      this.#errors.set(exemplar.outcome, [...(this.#errors.get(exemplar.outcome) ?? []), exemplar])
      return
    }
    this.#slowest.push(exemplar)
    this.#slowest.sort((a, b) => b.latencyMs - a.latencyMs)
    this.#slowest.length = Math.min(this.#slowest.length, slowestKept)
  }

  /** The errors, in the order of their planned times. */
  get errors(): RequestExemplar[] {
    return [...this.#errors.values()].flat().sort(byPlannedTime)
  }

  /** Of those answered as users expect, the slowest first. */
  get slowest(): RequestExemplar[] {
    return [...this.#slowest]
  }
}

function byPlannedTime(a: RequestExemplar, b: RequestExemplar): number {
  return a.plannedAt - b.plannedAt
}

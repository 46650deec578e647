import type { ChaosEvent } from '../../src/journal/events.ts'
import type { ChartSecond } from './chart.ts'

const succeeded = ['2xx', '3xx']

/** What users saw in each second of each method, from the events. */
export class MethodSeconds {
  readonly #phases = new Map<string, string>()
  readonly #seconds = new Map<string, Map<number, ChartSecond>>()

  onEvent(event: ChaosEvent): void {
    const { hypothesis } = event
    if (hypothesis === undefined) return
    if (event.type === 'phase-started') this.#phases.set(hypothesis, event.phase)
    if (event.type !== 'traffic-progress' || this.#phases.get(hypothesis) !== 'method') return
    const known = this.#seconds.get(hypothesis) ?? new Map<number, ChartSecond>()
    this.#seconds.set(hypothesis, known)
    const second = Math.floor(event.at / 1000)
    const { requests, failed } = known.get(second) ?? { requests: 0, failed: 0 }
    const counts = Object.entries(event.outcomes)
    const sum = (entries: typeof counts) => entries.reduce((total, [, count]) => total + count, 0)
    known.set(second, {
      requests: requests + sum(counts),
      failed: failed + sum(counts.filter(([outcome]) => !succeeded.includes(outcome))),
    })
  }

  /** In order; a second in which nothing ended is there, too. */
  of(hypothesis: string): ChartSecond[] {
    const known = this.#seconds.get(hypothesis)
    if (!known) return []
    const first = Math.min(...known.keys())
    const length = Math.max(...known.keys()) - first + 1
    return Array.from({ length }, (_, index) => known.get(first + index) ?? { requests: 0, failed: 0 })
  }
}

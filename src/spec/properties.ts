import type { EventBody, Phase } from '../journal/events.ts'
import { traceUrl } from '../journal/trace-link.ts'
import { againstExpectation } from '../journal/verdict.ts'
import { formatFraction } from '../support/quantities.ts'

/** A fact about a hypothesis that a report of Vitest's shows beside it: a property in JUnit's. */
export interface Property {
  name: string
  value: string
}

/** Collects from the events of a hypothesis what the reporters of Vitest should know of it. */
export class HypothesisProperties {
  readonly #traceLink: string | undefined
  readonly #known: Property[] = []
  #phase: Phase | undefined
  #started: Extract<EventBody, { type: 'hypothesis-started' }> | undefined

  constructor(traceLink: string | undefined) {
    this.#traceLink = traceLink
  }

  hear(event: EventBody, at: number): void {
    if (event.type === 'hypothesis-started') {
      const { traceId, spanId } = event
      this.#started = event
      const url = traceUrl(this.#traceLink, traceId, { spanId, startedAt: at })
      this.#add('trace', traceId)
      if (url !== undefined) this.#add('trace-link', url)
    } else if (event.type === 'phase-started') {
      this.#phase = event.phase
    } else if (event.type === 'traffic-ended' && this.#phase === 'method') {
      const { planned, failed, dropped } = event.summary
      const sent = planned - dropped
      if (sent > 0) this.#add('error-rate', `${formatFraction(failed / sent)} (${failed} of ${sent})`)
    } else if (event.type === 'hypothesis-ended') {
      const { verdict, deviated, reason } = event
      const counted = againstExpectation(verdict, deviated, this.#started?.expected ?? 'held')
      this.#add('verdict', deviated && counted === 'held' ? 'held (known weakness)' : counted)
      if (reason !== undefined) this.#add('reason', reason)
    }
  }

  get all(): readonly Property[] {
    return this.#known
  }

  #add(name: string, value: string): void {
    this.#known.push({ name, value })
  }
}

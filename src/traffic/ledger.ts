import type { LatencySummary, TrafficSummary } from '../journal/events.ts'
import { ExemplarReservoir } from './exemplars.ts'
import { LatencyHistogram } from './latency.ts'
import { hasLatency, type Outcome } from './outcomes.ts'

/** How a request that was sent has ended. Times are milliseconds since the start of the traffic. */
export interface EndedRequest {
  outcome: Outcome
  /** Whether it was answered as users expect. */
  completed: boolean
  plannedMs: number
  sentMs: number
  endedMs: number
  status: number | undefined
  traceId: string
}

/** What ended in one second. */
export interface TrafficSecond {
  /** The beginning of the second: milliseconds since the epoch. */
  at: number
  outcomes: OutcomeCounts
  latencyMs: LatencySummary
}

export type OutcomeCounts = Partial<Record<Outcome, number>>

/**
 * The books of one stream of users: each planned request is entered once. Their size grows with the seconds, not with
 * the requests.
 */
export class Ledger {
  /**
   * From the planned time and from the real sending, of the requests that were answered, whatever the status, or that
   * timed out: a connection that was refused at once must not make the users look well served.
   */
  readonly latency = new LatencyHistogram()
  readonly serviceTime = new LatencyHistogram()
  readonly exemplars = new ExemplarReservoir()
  readonly seconds: TrafficSecond[] = []

  readonly #startedAt: number
  readonly #onSecond: (second: TrafficSecond) => void
  readonly #outcomes: OutcomeCounts = {}
  readonly #latencyOfSecond = new LatencyHistogram()
  #outcomesOfSecond: OutcomeCounts = {}
  #completed = 0
  #failed = 0
  #dropped = 0

  /**
   * @param startedAt Milliseconds since the epoch.
   * @param onSecond Called at the end of each second, in order, also of those in which nothing ended.
   */
  constructor(startedAt: number, onSecond: (second: TrafficSecond) => void) {
    this.#startedAt = startedAt
    this.#onSecond = onSecond
  }

  enter(request: EndedRequest): void {
    if (request.outcome === 'dropped') {
      this.drop(request.endedMs)
      return
    }
    this.#count(request.outcome, request.endedMs)
    if (request.completed) this.#completed += 1
    else this.#failed += 1

    const latencyMs = request.endedMs - request.plannedMs
    if (hasLatency(request.outcome)) {
      this.latency.record(latencyMs)
      this.#latencyOfSecond.record(latencyMs)
      this.serviceTime.record(request.endedMs - request.sentMs)
    }
    if (this.exemplars.wants(request.outcome, !request.completed, latencyMs)) this.#keepExemplar(request, latencyMs)
  }

  drop(nowMs: number): void {
    this.#count('dropped', nowMs)
    this.#dropped += 1
  }

  /** Closes the seconds that have passed. */
  advance(nowMs: number): void {
    while (nowMs >= (this.seconds.length + 1) * 1000) this.#closeSecond()
  }

  /** Closes the last second, which may have just begun. */
  close(nowMs: number): void {
    this.advance(nowMs)
    if (Object.keys(this.#outcomesOfSecond).length > 0) this.#closeSecond()
  }

  /** @param planned How many requests the arrival rate has planned: the sum of the others, once all have ended. */
  summary(planned: number): TrafficSummary {
    return {
      planned,
      completed: this.#completed,
      failed: this.#failed,
      dropped: this.#dropped,
      outcomes: { ...this.#outcomes },
      latencyMs: this.latency.summary(),
      serviceTimeMs: this.serviceTime.summary(),
    }
  }

  #count(outcome: Outcome, nowMs: number): void {
    this.advance(nowMs)
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
    this.#outcomesOfSecond[outcome] = (this.#outcomesOfSecond[outcome] ?? 0) + 1
  }

  #closeSecond(): void {
    const second: TrafficSecond = {
      at: this.#startedAt + this.seconds.length * 1000,
      outcomes: this.#outcomesOfSecond,
      latencyMs: this.#latencyOfSecond.summary(),
    }
    this.#outcomesOfSecond = {}
    this.#latencyOfSecond.reset()
    this.seconds.push(second)
    this.#onSecond(second)
  }

  #keepExemplar({ traceId, plannedMs, outcome, status, completed }: EndedRequest, latencyMs: number): void {
    const plannedAt = Math.round(this.#startedAt + plannedMs)
    const exemplar = { traceId, plannedAt, outcome, latencyMs, ...(status === undefined ? {} : { status }) }
    this.exemplars.keep(exemplar, !completed)
  }
}

import type { LatencySummary, PodSighting, RequestExemplar, TrafficSummary } from '../journal/events.ts'
import type { RequestSpan } from '../tracing/tracer.ts'
import { ExemplarReservoir } from './exemplars.ts'
import { LatencyHistogram } from './latency.ts'
import { hasLatency, type Outcome, type RequestStage } from './outcomes.ts'

/** How a request that was sent has ended. Times are milliseconds since the start of the traffic. */
export interface EndedRequest {
  readonly outcome: Outcome
  /** Whether it was answered as users expect. */
  readonly completed: boolean
  readonly sequence: number
  readonly plannedMs: number
  readonly sentMs: number
  readonly endedMs: number
  readonly stage: RequestStage
  readonly status: number | undefined
  readonly pod: string | undefined
  readonly span: Pick<RequestSpan, 'traceId' | 'keep'>
  /** How the pods are that may have answered, where that is known. */
  readonly podsNow?: readonly PodSighting[] | undefined
}

/** What ended in one second. */
export interface TrafficSecond {
  /** The beginning of the second: milliseconds since the epoch. */
  at: number
  outcomes: OutcomeCounts
  latencyMs: LatencySummary
}

export type OutcomeCounts = Partial<Record<Outcome, number>>

/** What came of the requests: each of them is in exactly one count. */
export interface Books {
  summary: TrafficSummary
  /** From the planned time to the end, of the requests that were answered or timed out. */
  latency: LatencyHistogram
  /** The same, from when they were really sent. */
  serviceTime: LatencyHistogram
  /** How much later than planned they were sent: how good the users were at what they should do. */
  lateness: LatencyHistogram
  /** The first errors of each kind and stage, in the order of their planned times. */
  firstErrors: readonly RequestExemplar[]
  /** Of the requests answered as users expect, the slowest first. */
  slowest: readonly RequestExemplar[]
  seconds: readonly TrafficSecond[]
}

/**
 * The books of users: each planned request is entered once. Their size grows with the seconds, not with the requests.
 */
export class Ledger {
  readonly #startedAt: number
  readonly #onSecond: (second: TrafficSecond) => void
  /**
   * From the planned time and from the real sending, of the requests that were answered, whatever the status, or that
   * timed out: a connection that was refused at once must not make the users look well served.
   */
  readonly #latency = new LatencyHistogram()
  readonly #serviceTime = new LatencyHistogram()
  readonly #lateness = new LatencyHistogram()
  readonly #exemplars = new ExemplarReservoir()
  readonly #seconds: TrafficSecond[] = []
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
  constructor(startedAt: number, onSecond: (second: TrafficSecond) => void = () => {}) {
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

    this.#lateness.record(request.sentMs - request.plannedMs)
    if (hasLatency(request.outcome)) {
      const latencyMs = request.endedMs - request.plannedMs
      this.#latency.record(latencyMs)
      this.#latencyOfSecond.record(latencyMs)
      this.#serviceTime.record(request.endedMs - request.sentMs)
    }
    this.#exemplars.enter(request, this.#startedAt)
  }

  drop(nowMs: number): void {
    this.#count('dropped', nowMs)
    this.#dropped += 1
  }

  /** Closes the seconds that have passed. */
  advance(nowMs: number): void {
    while (nowMs >= (this.#seconds.length + 1) * 1000) this.#closeSecond()
  }

  /**
   * Closes the last second, which may have just begun, and shows the books. Each request to look at has its trace then.
   *
   * @param planned How many requests were planned: the sum of the counts, once all have ended.
   */
  close(nowMs: number, planned: number): Books {
    this.advance(nowMs)
    if (Object.keys(this.#outcomesOfSecond).length > 0) this.#closeSecond()
    this.#exemplars.keepTraces()
    const times = { latency: this.#latency, serviceTime: this.#serviceTime, lateness: this.#lateness }
    const sums = { planned, completed: this.#completed, failed: this.#failed, dropped: this.#dropped }
    return {
      summary: summaryOf({ ...sums, outcomes: { ...this.#outcomes } }, times),
      ...times,
      firstErrors: this.#exemplars.errors,
      slowest: this.#exemplars.slowest,
      seconds: this.#seconds,
    }
  }

  #count(outcome: Outcome, nowMs: number): void {
    this.advance(nowMs)
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
    this.#outcomesOfSecond[outcome] = (this.#outcomesOfSecond[outcome] ?? 0) + 1
  }

  #closeSecond(): void {
    const second: TrafficSecond = {
      at: this.#startedAt + this.#seconds.length * 1000,
      outcomes: this.#outcomesOfSecond,
      latencyMs: this.#latencyOfSecond.summary(),
    }
    this.#outcomesOfSecond = {}
    this.#latencyOfSecond.reset()
    this.#seconds.push(second)
    this.#onSecond(second)
  }
}

/** Counts and times as events and journals have them. */
export function summaryOf(
  counts: Pick<TrafficSummary, 'planned' | 'completed' | 'failed' | 'dropped' | 'outcomes'>,
  { latency, serviceTime, lateness }: Pick<Books, 'latency' | 'serviceTime' | 'lateness'>,
): TrafficSummary {
  return {
    ...counts,
    latencyMs: latency.summary(),
    serviceTimeMs: serviceTime.summary(),
    latenessMs: lateness.summary(),
  }
}

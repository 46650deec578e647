import type { RequestExemplar, TrafficSummary } from '../journal/events.ts'
import { traceUrl } from '../journal/trace-link.ts'
import type { LoadResult } from './engine.ts'
import type { Books, TrafficSecond } from './ledger.ts'
import { mergeBooks } from './merge.ts'

/** Whose requests were observed. */
export interface ObservedTraffic {
  name: string
  url: string
  /** The load in words: `10/s`, `50 users who think for 1 s`. */
  rate: string
  /** The way to what was called, where it was looked up: `cluster IP`. */
  reachedBy?: string
  /** A link to a trace for people: a URL with `{traceId}`. */
  traceLink?: string | undefined
}

/** A part of the time in which users were observed: `method`, and `settle` after it. */
export interface ObservedPhase {
  readonly phase: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * What the users saw between two moments. Every request that was planned in that time is in exactly one of the counts:
 * `planned = completed + failed + dropped`.
 *
 * It is a window of time as well: `responses.during(observed)` asks Prometheus for what it counted meanwhile.
 */
export class Observation<Result = undefined> {
  /** How the users are called. */
  readonly name: string
  readonly url: string
  readonly rate: string
  readonly reachedBy: string | undefined
  /** When the first request was planned: milliseconds since the epoch. */
  readonly startedAt: number
  /** When the last request had ended. */
  readonly endedAt: number
  readonly counts: TrafficSummary
  /** The method of `during`, and the time after it; empty where there was only the one or the other. */
  readonly phases: readonly ObservedPhase[]
  /** The first failed requests of each kind and stage, in the order of their planned times. */
  readonly firstErrors: readonly RequestExemplar[]
  /** Of the requests answered as users expect, the slowest first. */
  readonly slowest: readonly RequestExemplar[]
  /** What ended in each second. Of two that were merged: the seconds of both, in the order of time. */
  readonly seconds: readonly TrafficSecond[]
  /** The same for each stream, by its name, where there are several; none where two observations were merged. */
  readonly streams: Readonly<Record<string, Observation>>
  /** What the method of `during` returned. */
  readonly result: Result

  readonly #books: Books
  readonly #traceLink: string | undefined

  /** @param methodEndedAt when the method of `during` ended: milliseconds since the epoch */
  constructor(
    { name, url, rate, reachedBy, traceLink }: ObservedTraffic,
    load: LoadResult,
    result: Result,
    methodEndedAt?: number,
  ) {
    this.name = name
    this.url = url
    this.rate = rate
    this.reachedBy = reachedBy
    this.startedAt = load.startedAt
    this.endedAt = load.endedAt
    this.counts = load.summary
    this.phases = phasesOf(load, methodEndedAt)
    this.firstErrors = load.firstErrors
    this.slowest = load.slowest
    this.seconds = load.seconds
    this.streams = streamsOf(load, rate)
    this.result = result
    this.#books = load
    this.#traceLink = traceLink
  }

  /**
   * What both saw, as one: counts are sums, and percentiles are those of all requests.
   *
   * @example
   * const [shoppers, staff] = await Promise.all([shop.for('10s'), office.for('10s')])
   * expect(shoppers.mergedWith(staff)).toHaveErrorRateBelow('1%')
   */
  mergedWith(other: Observation<unknown>): Observation {
    const both: readonly Observation<unknown>[] = [this, other]
    const words = (field: 'name' | 'url' | 'rate' | 'reachedBy') =>
      [...new Set(both.flatMap((each) => each[field] ?? []))].join(', ')
    const reachedBy = words('reachedBy')
    return new Observation(
      {
        ...{ name: words('name'), url: words('url'), rate: words('rate'), traceLink: this.#traceLink },
        ...(reachedBy === '' ? {} : { reachedBy }),
      },
      {
        startedAt: Math.min(this.startedAt, other.startedAt),
        endedAt: Math.max(this.endedAt, other.endedAt),
        ...mergeBooks([this.#books, other.#books]),
      },
      undefined,
    )
  }

  /** Where people look at the trace of a request; undefined where the config has no template of links. */
  linkOf({ traceId, plannedAt, latencyMs }: RequestExemplar): string | undefined {
    return traceUrl(this.#traceLink, traceId, { startedAt: plannedAt, endedAt: plannedAt + latencyMs })
  }

  /** The requests that were sent and were not answered as users expect. */
  get errors(): number {
    return this.counts.failed
  }

  /** The requests that were sent. */
  get sent(): number {
    return this.counts.completed + this.counts.failed
  }

  /**
   * The share of errors among the requests that were sent (0 to 1); `NaN` when none was.
   *
   * Dropped requests are in neither number: they were never sent, so they say nothing of the system. They are not
   * hidden either: the matchers call a run inconclusive whose dropped requests could have changed the verdict.
   */
  get errorRate(): number {
    return this.errors / this.sent
  }

  /**
   * The milliseconds, from the planned time, within which that percentage (0 to 100) of the requests ended, of those
   * that were answered or timed out. A request that waited behind a stall counts its waiting, too.
   */
  latencyMs(percentile: number): number {
    return this.#books.latency.percentile(percentile)
  }

  /** As `latencyMs`, from when the requests were really sent. */
  serviceTimeMs(percentile: number): number {
    return this.#books.serviceTime.percentile(percentile)
  }

  /** How many requests `latencyMs` is about. */
  get timed(): number {
    return this.#books.latency.count
  }
}

function phasesOf({ startedAt, endedAt }: LoadResult, methodEndedAt: number | undefined): ObservedPhase[] {
  if (methodEndedAt === undefined || methodEndedAt <= startedAt || methodEndedAt >= endedAt) return []
  return [
    { phase: 'method', startedAt, endedAt: methodEndedAt },
    { phase: 'settle', startedAt: methodEndedAt, endedAt },
  ]
}

function streamsOf({ streams, startedAt, endedAt }: LoadResult, rate: string): Readonly<Record<string, Observation>> {
  const observations = [...(streams ?? [])].map(([{ name, url }, books]) => [
    name,
    new Observation({ name, url: url.href, rate: `its share of ${rate}` }, { startedAt, endedAt, ...books }, undefined),
  ])
  return Object.fromEntries(observations)
}

/** Whether it is what users saw: told by its shape, since a spec and the framework may each hold their own copy of the class. */
export function isObservation(value: unknown): value is Observation<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'counts' in value &&
    'firstErrors' in value &&
    'latencyMs' in value &&
    typeof value.latencyMs === 'function'
  )
}

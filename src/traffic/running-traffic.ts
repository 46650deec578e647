import type { TrafficSummary } from '../journal/events.ts'
import type { Session } from '../session/session.ts'
import { untilAborted } from '../support/deadline.ts'
import { ChaosError, deviation, messageOf } from '../support/errors.ts'
import { Load, type LoadPlan, type LoadResult } from './engine.ts'
import { mergeHeaders } from './headers.ts'
import { Observation, type ObservedTraffic } from './observation.ts'
import type { StreamSettings, TrafficSettings } from './options.ts'
import { type PodsNow, parseHttpUrl, type ReachedUrl, reachUrl, type UrlReference } from './url.ts'
import type { StreamPlan } from './user-stream.ts'

/** What is known of its length from the start. */
export interface TrafficSpan {
  /** When it ends: milliseconds since its start. */
  endMs?: number
  atLeastMs?: number
}

/** Users at work within a running spec: it writes what happens to the log, and ends when the spec must stop. */
export class RunningTraffic {
  readonly #session: Session
  readonly #observed: ObservedTraffic
  readonly #load: Load
  readonly #recorded: Promise<LoadResult>
  /** Aborts when the spec must stop, or when the traffic was given up. */
  readonly #signal: AbortSignal
  /** Aborts when the users gave up, or when they cannot send what the spec says. */
  readonly givenUp: AbortSignal

  /**
   * Looks up what the users call, and starts.
   *
   * @throws CHAOS_BAD_URL (usage), and what the look-up throws
   */
  static async start(settings: TrafficSettings, session: Session, span: TrafficSpan = {}): Promise<RunningTraffic> {
    const signal = session.signal()
    signal.throwIfAborted()
    const over = new AbortController()
    try {
      const urls = [...new Set(settings.streams.map(({ url }) => url))]
      const reached = new Map(await Promise.all(urls.map(async (url) => [url, await reach(url, over.signal)] as const)))
      signal.throwIfAborted()
      const streams = settings.streams.map((stream) => onItsWay(stream, reached.get(stream.url)))
      const ways = [...new Set([...reached.values()].flatMap(({ by }) => by ?? []))].join(', ')
      const running = new RunningTraffic(settings, { streams, ...span }, ways, session)
      running.#load.finished.then(() => over.abort())
      return running
    } catch (error) {
      over.abort()
      throw error
    }
  }

  private constructor(
    settings: TrafficSettings,
    { atLeastMs, ...plan }: Pick<LoadPlan, 'streams' | 'endMs'> & TrafficSpan,
    ways: string,
    session: Session,
  ) {
    const { name, load, perSecond, model, failFast } = settings
    const signal = session.signal()
    const url = [...new Set(plan.streams.map((stream) => stream.url.href))].join(', ')
    const via = ways === '' ? {} : { reachedBy: ways }
    const givenUp = new AbortController()
    this.#session = session
    this.givenUp = givenUp.signal
    this.#observed = { name, url, rate: load, ...via, traceLink: session.traceLink }
    this.#signal = AbortSignal.any([signal, givenUp.signal])
    const known = atLeastMs === undefined ? {} : { atLeastMs }
    session.record({ type: 'traffic-started', traffic: name, url, perSecond, load, ...known, ...via })
    this.#load = new Load(
      { ...plan, model, ...(failFast ? { failFast } : {}) },
      {
        tracer: session.tracer,
        onSecond: ({ outcomes, latencyMs }) =>
          session.record({ type: 'traffic-progress', traffic: name, outcomes: { ...outcomes }, latencyMs }),
        onGiveUp: (reason) => givenUp.abort(gaveUp(name, reason)),
        onCannotSend: (error) => givenUp.abort(badRequest(name, error)),
      },
    )
    const abort = () => void this.#load.abort()
    signal.addEventListener('abort', abort, { once: true })
    this.#recorded = this.#load.finished.then((result) => {
      signal.removeEventListener('abort', abort)
      this.#record(result)
      return result
    })
  }

  get elapsedMs(): number {
    return this.#load.elapsedMs
  }

  /** Tells that it will not go on for longer than that since its start. */
  expectEndAt(elapsedMs: number): void {
    this.#load.expectEndAt(elapsedMs)
  }

  /**
   * Ends the traffic at that time since its start (at the earliest: now), and resolves when the last answer has come.
   * Rejects with the signal's reason when it aborted; what was counted is in the log by then.
   *
   * @param methodEndedAt when the method ended during which users called
   * @throws CHAOS_FAIL_FAST (deviated) when it was given up, CHAOS_BAD_REQUEST when a request cannot be sent as the spec makes it
   */
  async endAt<Result>(elapsedMs: number, result: Result, methodEndedAt?: number): Promise<Observation<Result>> {
    void this.#load.endAt(elapsedMs)
    return await this.ended(result, methodEndedAt)
  }

  /** As `endAt`, when the end was known from the start. */
  async ended<Result>(result: Result, methodEndedAt?: number): Promise<Observation<Result>> {
    const seen = await this.#recorded
    this.#signal.throwIfAborted()
    return new Observation(this.#observed, seen, result, methodEndedAt)
  }

  /**
   * What the work comes to, or a rejection with the signal's reason as soon as it aborts. The work's own signal, and
   * that of all that it does to the target, aborts then, too.
   */
  async unlessAborted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const signal = this.#signal
    signal.throwIfAborted()
    return await untilAborted(
      this.#session.until(signal, () => work(signal)),
      signal,
    )
  }

  #record({ startedAt, summary, firstErrors, slowest, streams }: LoadResult): void {
    const exemplars = [...firstErrors, ...slowest].sort((a, b) => a.plannedAt - b.plannedAt)
    const traffic = this.#observed.name
    const perStream: Record<string, TrafficSummary> = Object.fromEntries(
      [...(streams ?? [])].map(([{ name }, books]) => [name, books.summary]),
    )
    this.#session.record({
      type: 'traffic-ended',
      traffic,
      startedAt,
      summary,
      exemplars,
      ...(streams ? { streams: perStream } : {}),
    })
  }
}

/** Looks up what users call, and watches the pods behind it until they are over. */
async function reach(url: string | UrlReference, over: AbortSignal): Promise<Reached> {
  const reached = await reachUrl(url)
  const podsNow = await reached.watchPods?.(over)
  return { ...reached, ...(podsNow ? { podsNow } : {}) }
}

interface Reached extends ReachedUrl {
  podsNow?: PodsNow
}

/** How a stream calls what was looked up: what opens the way goes before what the spec says. */
function onItsWay(plan: StreamSettings, reached: Reached = { url: '' }): StreamPlan {
  const { url, address, pathPrefix = '', headers = {}, tls, throughProxy = false, podsNow } = reached
  return {
    ...plan,
    url: parseHttpUrl(url),
    ...(address === undefined ? {} : { address }),
    pathPrefix,
    headers: mergeHeaders(plan.headers, headers),
    tls: { ...plan.tls, ...tls },
    throughProxy,
    ...(podsNow ? { podsNow } : {}),
  }
}

function gaveUp(name: string, reason: string): ChaosError {
  return deviation('CHAOS_FAIL_FAST', `${name} were stopped before the end, as failFast says: ${reason}.`)
}

function badRequest(name: string, cause: unknown): ChaosError {
  return new ChaosError(
    'CHAOS_BAD_REQUEST',
    `${name} were stopped, since a request cannot be sent as the spec makes it: ${messageOf(cause)}`,
    { cause },
  )
}

import { type Clock, systemClock } from '../support/clock.ts'
import { type ChaosError, usageError } from '../support/errors.ts'
import type { PrometheusClient } from './client.ts'
import {
  appearedAfter,
  coverageNotes,
  endedIn,
  newIn,
  notCovered,
  notYetReadPastEnd,
  presentIn,
  requireCoverage,
} from './coverage.ts'
import { noData } from './no-data.ts'
import type { SampledSeries } from './samples.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import { discoverTargets, type Extract, processStarts, scrapesUnderWay } from './target-discovery.ts'
import { scrapeInterval, type Target, targetOfSeries } from './targets.ts'
import type { ObservedWindow } from './windows.ts'

/** Which series, and when. */
export interface WindowQuery {
  metric: string
  selection: LabelSelection
  window: ObservedWindow
}

export interface WindowReadOptions {
  clock?: Clock
  /** How long to wait until every target was read past the end of the window; absent: 10 s, or longer where scrapes are rare. */
  withinMs?: number
  signal?: AbortSignal
}

/** Everything that Prometheus saw of some series in a window, once it has seen all of the window. */
export interface WindowReading {
  readonly selector: string
  readonly window: ObservedWindow
  /** What the samples reach back to, before the start of the window. */
  readonly from: number
  readonly scrapeIntervalMs: number
  readonly series: readonly ReadSeries[]
  /** The targets that ended in the window. */
  readonly ended: readonly Target[]
  /** What a reader must know of how the window was covered. */
  readonly notes: readonly string[]
}

/** A series and where it is scraped. */
export interface ReadSeries extends SampledSeries {
  readonly target: Target
  /**
   * What was read until then is from before the window: its start, or a moment before a scrape that was still under way
   * at its start. Milliseconds since the epoch.
   */
  readonly countedFrom: number
  /** When the process of a target that is new in the window began, give or take a second; absent: it does not tell. */
  readonly processStartedAt?: number
}

/** How far before the window, and past its end, samples are looked for: as far as Prometheus itself looks back. */
const aroundMs = 5 * 60_000

/** Clocks differ by moments: a window that ends in one is over then. */
const clockDifferenceMs = 1000

const defaultWaitMs = 10_000
/** A wait must be worth while: it must reach to the next scrape, and to one more if that fails. */
const waitIntervals = 2.5
const longestPauseMs = 500
const shortestPauseMs = 50

/**
 * Reads the raw samples of a window, after every target that is still there was read past its end. A target that ended
 * in the window counts to its last scrape: the notes say so.
 *
 * @throws CHAOS_BAD_WINDOW (usage); inconclusive: CHAOS_PROMETHEUS_NO_DATA, CHAOS_PROMETHEUS_NOT_COVERED,
 *   CHAOS_PROMETHEUS_SHORT_WINDOW, CHAOS_PROMETHEUS_GAP, CHAOS_PROMETHEUS_TARGET_DOWN, and what the client throws
 */
export function readWindow(
  client: PrometheusClient,
  query: WindowQuery,
  options: WindowReadOptions = {},
): Promise<WindowReading> {
  return new WindowReader(client, query, options).read()
}

class WindowReader {
  readonly #client: PrometheusClient
  readonly #query: WindowQuery
  readonly #selector: string
  readonly #clock: Clock
  readonly #withinMs: number | undefined
  readonly #signal: AbortSignal | undefined

  constructor(client: PrometheusClient, query: WindowQuery, options: WindowReadOptions) {
    this.#client = client
    this.#query = query
    this.#selector = selectorText(query.metric, query.selection)
    this.#clock = options.clock ?? systemClock
    this.#withinMs = options.withinMs
    this.#signal = options.signal
  }

  async read(): Promise<WindowReading> {
    const { window } = this.#query
    await this.#requireWindow()
    const { targets, scrapeIntervalMs } = await this.#coveredTargets()
    requireCoverage(this.#selector, window, targets, scrapeIntervalMs)
    const extract = this.#extract()
    const [sampled, underWay, starts] = await Promise.all([
      this.#client.samples(this.#selector, extract.from, extract.until),
      scrapesUnderWay(this.#client, window.startedAt, targets),
      processStarts(this.#client, extract, newIn(window, targets)),
    ])
    const series = sampled.flatMap((each) => {
      const target = targetOfSeries(each.labels, targets)
      if (!target || appearedAfter(window, target, scrapeIntervalMs)) return []
      const processStartedAt = starts.get(target)
      const countedFrom = (underWay.get(target) ?? window.startedAt + 1) - 1
      return [{ ...each, target, countedFrom, ...(processStartedAt === undefined ? {} : { processStartedAt }) }]
    })
    if (series.length === 0) throw await this.#noData()
    const notes = coverageNotes(window, targets, scrapeIntervalMs)
    const ended = endedIn(window, targets)
    const { from } = extract
    return { selector: this.#selector, window, from, scrapeIntervalMs, series, ended, notes }
  }

  /** Waits, bounded, until every target of the series was read past the end of the window. */
  async #coveredTargets(): Promise<{ targets: readonly Target[]; scrapeIntervalMs: number }> {
    const { window } = this.#query
    const startedWaiting = this.#clock.now()
    for (;;) {
      const targets = presentIn(window, await discoverTargets(this.#client, this.#extract()))
      const scrapeIntervalMs = scrapeInterval(targets)
      const missing = notYetReadPastEnd(window, targets)
      if (missing.length === 0 && scrapeIntervalMs !== undefined) return { targets, scrapeIntervalMs }

      const waitedMs = this.#clock.now() - startedWaiting
      if (waitedMs >= (this.#withinMs ?? defaultWait(scrapeIntervalMs))) {
        throw targets.length === 0 ? await this.#noData() : await this.#notCovered(targets, waitedMs)
      }
      await this.#clock.sleep(pause(scrapeIntervalMs), this.#signal)
    }
  }

  #extract(): Extract {
    const { startedAt, endedAt } = this.#query.window
    const until = Math.min(this.#clock.now(), Math.ceil(endedAt) + aroundMs)
    return { selector: this.#selector, from: Math.floor(startedAt) - aroundMs, until }
  }

  #noData(): Promise<ChaosError> {
    const { metric, selection } = this.#query
    return noData(this.#client, this.#extract(), metric, selection)
  }

  /** The server's own words for what fails, where it has a list of its targets. */
  async #notCovered(targets: readonly Target[], waitedMs: number): Promise<ChaosError> {
    const health = await this.#client.targets().catch(() => [])
    return notCovered(this.#selector, this.#query.window, targets, waitedMs, health)
  }

  async #requireWindow(): Promise<void> {
    const { startedAt, endedAt } = this.#query.window
    const now = this.#clock.now()
    if (Number.isFinite(startedAt) && startedAt < endedAt && endedAt <= now + clockDifferenceMs) {
      return this.#clock.sleep(Math.max(0, endedAt - now), this.#signal)
    }
    throw usageError(
      'CHAOS_BAD_WINDOW',
      `${this.#selector}: a window has a startedAt before its endedAt, in milliseconds since the epoch, and is over. This one is ${startedAt} to ${endedAt}, and it is ${now}. What users.during(…) and users.for(…) resolve to is one.`,
    )
  }
}

function defaultWait(intervalMs: number | undefined): number {
  return Math.max(defaultWaitMs, waitIntervals * (intervalMs ?? 0))
}

function pause(intervalMs = longestPauseMs): number {
  return Math.min(Math.max(intervalMs / 2, shortestPauseMs), longestPauseMs)
}

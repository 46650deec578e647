import { type Clock, systemClock } from '../support/clock.ts'
import { type ChaosError, inconclusive, usageError } from '../support/errors.ts'
import type { PrometheusClient } from './client.ts'
import { coverageNotes, notCovered, notYetReadPastEnd, presentIn, requireCoverage } from './coverage.ts'
import type { Labels, SampledSeries, TimeWindow } from './samples.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import { scrapeInterval, type Target, targetOfSeries, targetsOf } from './targets.ts'

/** Which series, and when. */
export interface WindowQuery {
  metric: string
  selection: LabelSelection
  window: TimeWindow
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
  readonly window: TimeWindow
  /** What the samples reach back to, before the start of the window. */
  readonly from: number
  readonly scrapeIntervalMs: number
  readonly series: readonly ReadSeries[]
  /** What a reader must know of how the window was covered. */
  readonly notes: readonly string[]
}

/** A series and where it is scraped. */
export interface ReadSeries extends SampledSeries {
  readonly target: Target
}

const DEFAULT_WAIT_MS = 10_000
/** A wait must be worth while: it must reach to the next scrape, and one more that fails. */
const WAIT_INTERVALS = 2.5

/** How far before the window samples are looked for: as far as Prometheus itself looks back. */
const LOOKBACK_MS = 5 * 60_000

const LONGEST_PAUSE_MS = 500
const SHORTEST_PAUSE_MS = 50

/**
 * Reads the raw samples of a window, after every target that is still there was read past its end. A target that ended
 * in the window counts to its last scrape: the notes say so.
 *
 * @throws CHAOS_BAD_WINDOW (usage); inconclusive: CHAOS_PROMETHEUS_NO_DATA, CHAOS_PROMETHEUS_NOT_COVERED,
 *   CHAOS_PROMETHEUS_SHORT_WINDOW, CHAOS_PROMETHEUS_GAP, and what the client throws
 */
export async function readWindow(
  client: PrometheusClient,
  query: WindowQuery,
  options: WindowReadOptions = {},
): Promise<WindowReading> {
  const { clock = systemClock } = options
  const selector = selectorText(query.metric, query.selection)
  requireWindow(selector, query.window, clock.now())
  const { window } = query
  const { targets, intervalMs, from } = await coveredTargets(client, query, selector, { ...options, clock })
  requireCoverage(selector, window, targets, intervalMs)
  const sampled = await client.samples(selector, from, clock.now())
  const series = sampled.flatMap(({ labels, samples }) => {
    const target = targetOfSeries(labels, targets)
    return target ? [{ labels, samples, target }] : []
  })
  if (series.length === 0) throw await noData(client, query, selector, from, clock.now())
  return {
    selector,
    window,
    from,
    scrapeIntervalMs: intervalMs,
    series,
    notes: coverageNotes(window, targets, intervalMs),
  }
}

interface CoveredTargets {
  targets: readonly Target[]
  intervalMs: number
  from: number
}

/** Waits, bounded, until every target of the series was read past the end. */
async function coveredTargets(
  client: PrometheusClient,
  query: WindowQuery,
  selector: string,
  options: WindowReadOptions & { clock: Clock },
): Promise<CoveredTargets> {
  const { clock, signal } = options
  const { window } = query
  const startedWaiting = clock.now()
  const from = window.startedAt - LOOKBACK_MS
  for (;;) {
    const targets = await targetsOfSelector(client, selector, window, from, clock.now())
    const intervalMs = scrapeInterval(targets)
    const missing = notYetReadPastEnd(window, targets)
    if (targets.length > 0 && missing.length === 0 && intervalMs !== undefined) return { targets, intervalMs, from }

    const waitedMs = clock.now() - startedWaiting
    if (waitedMs >= (options.withinMs ?? defaultWait(intervalMs))) {
      throw targets.length > 0
        ? notCovered(selector, window, missing.length > 0 ? missing : targets, waitedMs)
        : await noData(client, query, selector, from, clock.now())
    }
    await clock.sleep(pause(intervalMs), signal)
  }
}

/** The targets that the series come from. Series of no target in `up` are taken as one for each job and instance. */
async function targetsOfSelector(
  client: PrometheusClient,
  selector: string,
  window: TimeWindow,
  from: number,
  now: number,
): Promise<Target[]> {
  const series = await client.series(selector, from, now)
  if (series.length === 0) return []
  const up = `up{${jobMatcher(series)}}`
  const [samples, listed] = await Promise.all([client.samples(up, from, now), client.valuesAt(up, now)])
  const known = targetsOf(
    samples,
    listed.map(({ labels }) => labels),
  )
  const own = known.filter((target) => series.some((labels) => targetOfSeries(labels, known) === target))
  const strangers = series.filter((labels) => !targetOfSeries(labels, known))
  const told = strangers.length > 0 ? await targetsWithoutUp(client, selector, strangers, from, now) : []
  return presentIn(window, [...own, ...told])
}

/**
 * Series that nobody reports `up` for (pushed ones, say) tell by their own samples when they were read. Whether they
 * have ended is unknown: they count as if they had not.
 */
async function targetsWithoutUp(
  client: PrometheusClient,
  selector: string,
  strangers: readonly Labels[],
  from: number,
  now: number,
): Promise<Target[]> {
  const sampled = await client.samples(selector, from, now)
  const origins = new Map(
    strangers.map(({ job = '', instance = '' }) => [JSON.stringify([job, instance]), { job, instance }]),
  )
  return [...origins.values()].flatMap((labels) => {
    const ofOrigin = sampled.filter(
      (series) => (series.labels.job ?? '') === labels.job && (series.labels.instance ?? '') === labels.instance,
    )
    const times = new Set(ofOrigin.flatMap(({ samples }) => samples.map(({ at }) => at)))
    const scrapes = [...times].sort((a, b) => a - b).map((at) => ({ at, up: true }))
    return scrapes.length === 0 ? [] : [{ labels: present(labels), scrapes, listed: true }]
  })
}

function jobMatcher(series: readonly Labels[]): string {
  const jobs = [...new Set(series.map(({ job = '' }) => job))]
  const pattern = jobs.map((job) => job.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')
  return `job=~${JSON.stringify(pattern)}`
}

function present(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

function defaultWait(intervalMs: number | undefined): number {
  return Math.max(DEFAULT_WAIT_MS, WAIT_INTERVALS * (intervalMs ?? 0))
}

function pause(intervalMs = LONGEST_PAUSE_MS): number {
  return Math.min(Math.max(intervalMs / 2, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)
}

function requireWindow(selector: string, { startedAt, endedAt }: TimeWindow, now: number): void {
  if (Number.isFinite(startedAt) && startedAt < endedAt && endedAt <= now) return
  throw usageError(
    'CHAOS_BAD_WINDOW',
    `${selector}: a window has a startedAt before its endedAt, in milliseconds since the epoch, and is over. This one is ${startedAt} to ${endedAt}, and it is ${now}. What users.during(…) and users.for(…) resolve to is one.`,
  )
}

/** Says what there is instead: a typing error is the usual reason. */
async function noData(
  client: PrometheusClient,
  { metric, selection }: WindowQuery,
  selector: string,
  from: number,
  until: number,
): Promise<ChaosError> {
  const found = await client.series(metric, from, until)
  const there =
    found.length === 0
      ? `There is no series called ${metric} at all: is its target scraped?`
      : `There are ${found.length} series called ${metric}; ${valuesInWords(found, Object.keys(selection))}.`
  return inconclusive(
    'CHAOS_PROMETHEUS_NO_DATA',
    `Prometheus at ${client.url} has no data for ${selector} in the window, which says neither that it held nor that it deviated. ${there}`,
  )
}

const SHOWN_VALUES = 5

function valuesInWords(series: readonly Labels[], labels: readonly string[]): string {
  const each = labels.map((label) => {
    const values = [...new Set(series.flatMap((found) => found[label] ?? []))]
    const more = values.length > SHOWN_VALUES ? ', …' : ''
    return values.length === 0
      ? `none has the label ${label}`
      : `${label} is ${values.slice(0, SHOWN_VALUES).join(', ')}${more}`
  })
  return each.join('; ') || 'none of them has a sample in the window'
}

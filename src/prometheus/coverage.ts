import { type ChaosError, inconclusive } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import type { TargetHealth } from './answers.ts'
import { isSameTarget, lastRead, nameOf, readPastEnd, type Scrape, type Target } from './targets.ts'
import type { TimeWindow } from './windows.ts'

/** A pause in the scraping is a gap when it is longer than this many intervals, and than this many milliseconds. */
const gapIntervals = 5
const gapMs = 5000

/** The fewest scrapes in a window that can tell anything, and those that tell it well. */
const fewestScrapes = 2
const goodScrapes = 4

/** The targets that were there in the window: read in it, or still to be read. */
export function presentIn(window: TimeWindow, targets: readonly Target[]): Target[] {
  return targets.filter((target) => target.listed || (lastRead(target)?.at ?? 0) > window.startedAt)
}

/** The targets that are still there and were not read since the window ended. */
export function notYetReadPastEnd(window: TimeWindow, targets: readonly Target[]): Target[] {
  return targets.filter((target) => target.listed && !readPastEnd(target, window))
}

/** Whether a target was found only after the window, too late for its first scrape to tell anything of it. */
export function appearedAfter({ endedAt }: TimeWindow, { scrapes: [first] }: Target, intervalMs: number): boolean {
  return first !== undefined && first.at > endedAt + intervalMs
}

/** The targets that ended in the window: they count to their last scrape. */
export function endedIn(window: TimeWindow, targets: readonly Target[]): Target[] {
  return targets.filter((target) => !readPastEnd(target, window) && lastRead(target))
}

/** The targets that were read in the window, and never before. */
export function newIn({ startedAt }: TimeWindow, targets: readonly Target[]): Target[] {
  return targets.filter(({ scrapes }) => !scrapes.some(({ at, up }) => up && at <= startedAt))
}

/** What a reader must know of how the window was covered: it is short, or targets were found after it. */
export function coverageNotes(window: TimeWindow, targets: readonly Target[], intervalMs: number): string[] {
  const late = targets.flatMap((target) => {
    const [first] = target.scrapes
    if (!first || !appearedAfter(window, target, intervalMs)) return []
    return [
      `${nameOf(target)} was first scraped ${formatMilliseconds(first.at - window.endedAt)} after the end of the window and is in no count`,
    ]
  })
  const scrapes = (window.endedAt - window.startedAt) / intervalMs
  const short = scrapes < goodScrapes ? [`the window is only ${scrapes.toFixed(1)} scrape intervals long`] : []
  return [...late, ...short]
}

/** @throws CHAOS_PROMETHEUS_SHORT_WINDOW, CHAOS_PROMETHEUS_GAP, CHAOS_PROMETHEUS_TARGET_DOWN (inconclusive) */
export function requireCoverage(
  selector: string,
  window: TimeWindow,
  targets: readonly Target[],
  intervalMs: number,
): void {
  const lengthMs = window.endedAt - window.startedAt
  if (lengthMs < fewestScrapes * intervalMs) {
    throw inconclusive(
      'CHAOS_PROMETHEUS_SHORT_WINDOW',
      `${selector}: the window is ${formatMilliseconds(lengthMs)} long and Prometheus scrapes every ${formatMilliseconds(intervalMs)}: ${fewestScrapes} scrapes are the fewest that tell what happened within. Make the window longer or the scrape interval shorter.`,
    )
  }
  const longestPauseMs = Math.max(gapIntervals * intervalMs, gapMs)
  for (const target of targets) {
    const gap = gapIn(target.scrapes, window, longestPauseMs)
    if (gap) throw gapError(selector, target, gap)
    const reads = target.scrapes.filter(({ up }) => up)
    const down = gapIn(reads, window, longestPauseMs)
    if (down) throw downError(selector, target, down)
  }
}

/** @throws CHAOS_PROMETHEUS_NOT_COVERED (inconclusive) the waiting was in vain */
export function notCovered(
  selector: string,
  window: TimeWindow,
  targets: readonly Target[],
  waitedMs: number,
  health: readonly TargetHealth[] = [],
): ChaosError {
  const missing = notYetReadPastEnd(window, targets)
  const each = (missing.length > 0 ? missing : targets).map((target) => {
    const failure = health.find(({ labels }) => isSameTarget(labels, target.labels))?.lastError
    return `${nameOf(target)} (${[lastScrapeInWords(target, window), failure].filter(Boolean).join(': ')})`
  })
  return inconclusive(
    'CHAOS_PROMETHEUS_NOT_COVERED',
    `${selector}: within ${formatMilliseconds(waitedMs)} after it was asked, Prometheus did not read every target past the end of the window: ${each.join(', ')}. What they counted last is unknown, so nothing can be said. Is the target down, or its scrape interval longer than that (during(window, { within: '60s' }))?`,
  )
}

function lastScrapeInWords(target: Target, { endedAt }: TimeWindow): string {
  const last = lastRead(target)
  const tried = target.scrapes.at(-1)
  const read = last
    ? `last read ${formatMilliseconds(Math.abs(endedAt - last.at))} ${last.at < endedAt ? 'before' : 'after'} the end`
    : 'never read'
  return tried && !tried.up ? `down, ${read}` : read
}

interface Gap {
  from: number
  until: number
}

/** A pause between two scrapes that reaches into the window. */
function gapIn(
  scrapes: readonly Scrape[],
  { startedAt, endedAt }: TimeWindow,
  longestPauseMs: number,
): Gap | undefined {
  for (const [i, { at: until }] of scrapes.entries()) {
    const from = scrapes[i - 1]?.at
    if (from === undefined || until <= startedAt) continue
    if (from >= endedAt) return undefined
    if (until - from > longestPauseMs) return { from, until }
  }
  return undefined
}

function gapError(selector: string, target: Target, { from, until }: Gap): ChaosError {
  return inconclusive(
    'CHAOS_PROMETHEUS_GAP',
    `${selector}: Prometheus did not scrape ${nameOf(target)} for ${formatMilliseconds(until - from)} of the window (${new Date(from).toISOString()} to ${new Date(until).toISOString()}). What began and ended meanwhile is unknown, so nothing can be said.`,
  )
}

function downError(selector: string, target: Target, { from, until }: Gap): ChaosError {
  return inconclusive(
    'CHAOS_PROMETHEUS_TARGET_DOWN',
    `${selector}: ${nameOf(target)} was down for ${formatMilliseconds(until - from)} of the window (${new Date(from).toISOString()} to ${new Date(until).toISOString()}): Prometheus tried, and could not read it. What lived and died meanwhile is in no count, so nothing can be said. The users' own counts can tell.`,
  )
}

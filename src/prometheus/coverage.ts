import { type ChaosError, inconclusive } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import type { TimeWindow } from './samples.ts'
import { lastRead, nameOf, readPastEnd, type Target } from './targets.ts'

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

/**
 * What a reader must know of how the window was covered: targets that ended in it, with the end of their counts, and
 * targets that were found after it.
 */
export function coverageNotes(window: TimeWindow, targets: readonly Target[], intervalMs: number): string[] {
  const late = targets.flatMap((target) => {
    const [first] = target.scrapes
    if (!first || !appearedAfter(window, target, intervalMs)) return []
    return [
      `${nameOf(target)} was first scraped ${formatMilliseconds(first.at - window.endedAt)} after the end of the window and is in no count`,
    ]
  })
  const ended = targets.flatMap((target) => {
    const last = lastRead(target)
    if (readPastEnd(target, window) || !last) return []
    return [
      `${nameOf(target)} ended within the window and is counted to its last scrape, ${formatMilliseconds(last.at - window.startedAt)} after the start; what it did after that is in no count (scrape interval ${formatMilliseconds(intervalMs)})`,
    ]
  })
  const scrapes = (window.endedAt - window.startedAt) / intervalMs
  const short = scrapes < goodScrapes ? [`the window is only ${scrapes.toFixed(1)} scrape intervals long`] : []
  return [...ended, ...late, ...short]
}

/** @throws CHAOS_PROMETHEUS_SHORT_WINDOW, CHAOS_PROMETHEUS_GAP (inconclusive) */
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
    const gap = gapOf(target, window, longestPauseMs)
    if (gap) throw gapError(selector, target, gap)
  }
}

/** @throws CHAOS_PROMETHEUS_NOT_COVERED (inconclusive) the waiting was in vain */
export function notCovered(
  selector: string,
  window: TimeWindow,
  targets: readonly Target[],
  waitedMs: number,
): ChaosError {
  const missing = notYetReadPastEnd(window, targets)
  const each = (missing.length > 0 ? missing : targets).map(
    (target) => `${nameOf(target)} (${lastScrapeInWords(target, window)})`,
  )
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

/** A pause between two scrapes, tried or not, that reaches into the window. */
function gapOf({ scrapes }: Target, { startedAt, endedAt }: TimeWindow, longestPauseMs: number): Gap | undefined {
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

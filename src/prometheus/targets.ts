import type { Labels, SampledSeries } from './samples.ts'
import type { TimeWindow } from './windows.ts'

/** One attempt to scrape a target. */
export interface Scrape {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Whether it answered. */
  readonly up: boolean
}

/** What Prometheus scrapes, as its series `up` tell. */
export interface Target {
  readonly labels: Labels
  /** In the order of time. */
  readonly scrapes: readonly Scrape[]
  /** Whether Prometheus still has it. */
  readonly listed: boolean
}

/**
 * The targets that the series `up` tell of.
 *
 * @param up its samples
 * @param listed the labels of those that have a value now
 */
export function targetsOf(up: readonly SampledSeries[], listed: readonly Labels[]): Target[] {
  const keys = new Set(listed.map(keyOf))
  return up.map(({ labels, samples }) => ({
    labels,
    scrapes: samples.map(({ at, value }) => ({ at, up: value === 1 })),
    listed: keys.has(keyOf(labels)),
  }))
}

/**
 * The target that a series comes from: the one whose labels it bears, or else the one of its job and instance.
 */
export function targetOfSeries(series: Labels, targets: readonly Target[]): Target | undefined {
  const bears = (labels: Labels) =>
    Object.entries(labels).every(([label, value]) => label === '__name__' || series[label] === value)
  return (
    targets.find(({ labels }) => bears(labels)) ??
    targets.find(({ labels }) => labels.job === series.job && labels.instance === series.instance)
  )
}

/** The first time, from the end of the window on, that the target was read. */
export function readPastEnd({ scrapes }: Target, { endedAt }: TimeWindow): Scrape | undefined {
  return scrapes.find(({ at, up }) => up && at >= endedAt)
}

export function lastRead({ scrapes }: Target): Scrape | undefined {
  return scrapes.findLast(({ up }) => up)
}

/** The usual time between two scrapes; undefined where no target was scraped twice. */
export function scrapeInterval(targets: readonly Target[]): number | undefined {
  const gaps = targets.flatMap(({ scrapes }) => scrapes.slice(1).map(({ at }, i) => at - (scrapes[i]?.at ?? at)))
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]
}

/** How people call it: the pod, or the instance. */
export function nameOf({ labels }: Target): string {
  return labels.pod ?? labels.instance ?? JSON.stringify(labels)
}

/** Whether labels name the same target; those of the server's own list may lack the name of the series. */
export function isSameTarget(a: Labels, b: Labels): boolean {
  return keyOf({ ...a, __name__: '' }) === keyOf({ ...b, __name__: '' })
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

import type { PrometheusClient } from './client.ts'
import type { Labels } from './samples.ts'
import { type Target, targetOfSeries, targetsOf } from './targets.ts'

/** A part of what Prometheus holds: series, and the time to look at. */
export interface Extract {
  selector: string
  /** Milliseconds since the epoch. */
  from: number
  /** Milliseconds since the epoch. */
  until: number
}

/**
 * The targets that the series come from. Series that nobody reports `up` for (pushed ones, say) are taken as one target
 * for each job and instance.
 */
export async function discoverTargets(client: PrometheusClient, extract: Extract): Promise<Target[]> {
  const { selector, from, until } = extract
  const series = await client.series(selector, from, until)
  if (series.length === 0) return []
  const up = `up{${jobMatcher(series)}}`
  const [samples, values] = await Promise.all([client.samples(up, from, until), client.valuesAt(up, until)])
  const listed = values.map(({ labels }) => labels)
  const all = targetsOf(samples, listed)
  const own = all.filter((target) => series.some((labels) => targetOfSeries(labels, all) === target))
  const strangers = series.filter((labels) => !targetOfSeries(labels, all))
  return strangers.length === 0 ? own : [...own, ...(await targetsWithoutUp(client, extract, strangers))]
}

/**
 * When the processes behind targets began, as far as they tell by the usual `process_start_time_seconds`, in whole
 * seconds: milliseconds since the epoch.
 */
export async function processStarts(
  client: PrometheusClient,
  { from, until }: Extract,
  targets: readonly Target[],
): Promise<ReadonlyMap<Target, number>> {
  if (targets.length === 0) return new Map()
  const jobs = jobMatcher(targets.map(({ labels }) => labels))
  const found = await client.samples(`process_start_time_seconds{${jobs}}`, from, until)
  const starts = found.flatMap(({ labels, samples: [first] }) => {
    const target = targetOfSeries(labels, targets)
    return target && first ? [[target, first.value * 1000] as const] : []
  })
  return new Map(starts)
}

/** Prometheus may move the time of a scrape by that much, so that all of a target are equally far apart. */
const timestampToleranceMs = 2

/**
 * The targets whose last scrape before a time was still under way then: it may have read what was counted after that
 * time. With the time of that scrape, milliseconds since the epoch.
 */
export async function scrapesUnderWay(
  client: PrometheusClient,
  at: number,
  targets: readonly Target[],
): Promise<ReadonlyMap<Target, number>> {
  const jobs = jobMatcher(targets.map(({ labels }) => labels))
  const durations = await client.valuesAt(`scrape_duration_seconds{${jobs}}`, at)
  const underWay = durations.flatMap(({ labels, value }) => {
    const target = targetOfSeries(labels, targets)
    const last = target?.scrapes.findLast((scrape) => scrape.at <= at)
    return target && last && last.at + value * 1000 + timestampToleranceMs > at ? [[target, last.at] as const] : []
  })
  return new Map(underWay)
}

/** They tell by their own samples when they were read. Whether they have ended is unknown: they count as if they had not. */
async function targetsWithoutUp(
  client: PrometheusClient,
  { selector, from, until }: Extract,
  strangers: readonly Labels[],
): Promise<Target[]> {
  const sampled = await client.samples(selector, from, until)
  const origins = new Map(strangers.map((labels) => [originOf(labels), labels]))
  return [...origins].flatMap(([origin, { job, instance }]) => {
    const series = sampled.filter(({ labels }) => originOf(labels) === origin)
    const times = new Set(series.flatMap(({ samples }) => samples.map(({ at }) => at)))
    const scrapes = [...times].sort((a, b) => a - b).map((at) => ({ at, up: true }))
    const labels = { ...(job === undefined ? {} : { job }), ...(instance === undefined ? {} : { instance }) }
    return scrapes.length === 0 ? [] : [{ labels, scrapes, listed: true }]
  })
}

function originOf({ job = '', instance = '' }: Labels): string {
  return JSON.stringify([job, instance])
}

function jobMatcher(series: readonly Labels[]): string {
  const jobs = new Set(series.map(({ job = '' }) => job))
  const pattern = [...jobs].map((job) => job.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')
  return `job=~${JSON.stringify(pattern)}`
}

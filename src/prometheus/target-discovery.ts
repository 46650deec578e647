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

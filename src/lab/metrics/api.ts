import type { Clock } from '../../support/clock.ts'
import { BadRequest, promqlParameter, requiredParameter, timeParameter } from './parameters.ts'
import { evaluate, type QueryResult } from './promql/engine.ts'
import { parseQuery, parseSelector } from './promql/parser.ts'
import type { Sample } from './samples.ts'
import type { Scraper } from './scraper.ts'
import type { Series, Storage } from './storage.ts'
import { formatValue } from './values.ts'

/** What the API answers from. */
export interface ApiSources {
  storage: Storage
  scraper: Scraper
  clock: Clock
}

/** Prometheus 3 is whose meaning the queries have. */
const prometheusVersion = '3.0.0-lab'

/** `GET` or `POST /api/v1/query` */
export function query(parameters: URLSearchParams, { storage, clock }: ApiSources): unknown {
  const at = timeParameter(parameters, 'time', clock.now())
  const expression = promqlParameter('query', requiredParameter(parameters, 'query'), parseQuery)
  const result = evaluate(expression, storage, at)
  return { resultType: result.type, result: resultView(result, at) }
}

/** `GET /api/v1/query_range` */
export function queryRange(): never {
  throw new BadRequest(
    "a range query is not supported by the lab's metrics server: use /api/v1/query with selector[range]",
  )
}

/** `GET /api/v1/series` */
export function series(parameters: URLSearchParams, sources: ApiSources): unknown {
  if (!parameters.has('match[]')) throw new BadRequest('no match[] parameter provided')
  return selectedSeries(parameters, sources).map(({ labels }) => labels)
}

/** `GET /api/v1/labels` */
export function labelNames(parameters: URLSearchParams, sources: ApiSources): unknown {
  const names = selectedSeries(parameters, sources).flatMap(({ labels }) => Object.keys(labels))
  return [...new Set(names)].sort()
}

/** `GET /api/v1/label/NAME/values` */
export function labelValues(name: string, parameters: URLSearchParams, sources: ApiSources): unknown {
  const values = selectedSeries(parameters, sources).flatMap(({ labels }) => labels[name] ?? [])
  return [...new Set(values)].sort()
}

/** `GET /api/v1/targets` */
export function targets({ scraper }: ApiSources): unknown {
  const { intervalMs, timeoutMs } = scraper.timings
  const activeTargets = scraper.targets().map(({ target, health }) => ({
    discoveredLabels: { __address__: new URL(target.url).host },
    labels: target.labels,
    scrapePool: target.labels.job,
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: health.lastError,
    lastScrape: new Date(health.lastScrapeAt).toISOString(),
    lastScrapeDuration: health.lastDurationMs / 1000,
    health: health.health,
    scrapeInterval: `${intervalMs}ms`,
    scrapeTimeout: `${timeoutMs}ms`,
  }))
  return { activeTargets, droppedTargets: [] }
}

/** `GET /api/v1/status/buildinfo` */
export function buildInfo(): unknown {
  return { version: prometheusVersion, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' }
}

/** The series of all `match[]` that had a sample from `start` to `end`. */
function selectedSeries(parameters: URLSearchParams, { storage }: ApiSources): Series[] {
  const start = timeParameter(parameters, 'start', Number.NEGATIVE_INFINITY)
  const end = timeParameter(parameters, 'end', Number.POSITIVE_INFINITY)
  const selectors = parameters.getAll('match[]').map((text) => promqlParameter('match[]', text, parseSelector).matchers)
  const selected =
    selectors.length === 0 ? storage.select([]) : selectors.flatMap((matchers) => storage.select(matchers))
  return [...new Set(selected)].filter(({ chunks }) =>
    chunks.some((chunk) => chunk.firstAt <= end && chunk.lastAt >= start),
  )
}

function resultView(result: QueryResult, at: number): unknown {
  if (result.type === 'vector') {
    return result.elements.map(({ labels, value }) => ({ metric: labels, value: sampleView({ at, value }) }))
  }
  return result.elements.map(({ labels, samples }) => ({ metric: labels, values: samples.map(sampleView) }))
}

function sampleView({ at, value }: Sample): [number, string] {
  return [at / 1000, formatValue(value)]
}

import type { Clock } from '../../support/clock.ts'
import { labelOf } from './labels.ts'
import {
  BadRequest,
  limitParameter,
  promqlParameter,
  rangeParameters,
  requiredParameter,
  timeParameter,
} from './parameters.ts'
import { type Answer, instantQuery, rangeQuery } from './promql/engine.ts'
import { parseSelector } from './promql/parser.ts'
import type { Scraper } from './scraper.ts'
import type { Series } from './series.ts'
import type { Storage } from './storage.ts'
import { type JsonText, resultText } from './views.ts'

/** What the API answers from. */
export interface ApiSources {
  storage: Storage
  scraper: Scraper
  clock: Clock
}

/** What is known of targets without any sample of them. */
export type TargetSources = Pick<ApiSources, 'scraper'>

/** What the API answers: the data, and what is odd about them. */
export interface ApiAnswer {
  data: JsonText | object
  warnings?: readonly string[]
  infos?: readonly string[]
}

/** Prometheus 3 is whose meaning the queries have. */
const prometheusVersion = '3.0.0-lab'

/** `GET` or `POST /api/v1/query` */
export function query(parameters: URLSearchParams, { storage, clock }: ApiSources): ApiAnswer {
  const at = timeParameter(parameters, 'time', clock.now())
  const text = requiredParameter(parameters, 'query')
  return queryAnswer(
    promqlParameter('query', () => instantQuery(text, storage, at)),
    at,
  )
}

/** `GET` or `POST /api/v1/query_range` */
export function queryRange(parameters: URLSearchParams, { storage }: ApiSources): ApiAnswer {
  const range = rangeParameters(parameters)
  const text = requiredParameter(parameters, 'query')
  return queryAnswer(
    promqlParameter('query', () => rangeQuery(text, storage, range)),
    range.endMs,
  )
}

function queryAnswer({ result, warnings, infos }: Answer, at: number): ApiAnswer {
  return {
    data: resultText(result, at),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(infos.length > 0 ? { infos } : {}),
  }
}

/** `GET` or `POST /api/v1/series` */
export function series(parameters: URLSearchParams, sources: ApiSources): ApiAnswer {
  if (!parameters.has('match[]')) throw new BadRequest('no match[] parameter provided')
  return { data: limited(parameters, selectedSeries(parameters, sources)).map(({ labels }) => labels) }
}

/** `GET` or `POST /api/v1/labels` */
export function labelNames(parameters: URLSearchParams, sources: ApiSources): ApiAnswer {
  const names = selectedSeries(parameters, sources).flatMap(({ labels }) => Object.keys(labels))
  return { data: limited(parameters, [...new Set(names)].sort()) }
}

/** `GET /api/v1/label/NAME/values` */
export function labelValues(name: string, parameters: URLSearchParams, sources: ApiSources): ApiAnswer {
  const values = selectedSeries(parameters, sources).map(({ labels }) => labelOf(labels, name))
  const present = values.filter((value) => value !== '')
  return { data: limited(parameters, [...new Set(present)].sort()) }
}

/** `GET /api/v1/targets` */
export function targets(parameters: URLSearchParams, { scraper }: TargetSources): ApiAnswer {
  const { intervalMs, timeoutMs } = scraper.timings
  const activeTargets = scraper.targets().map(({ target, health }) => ({
    discoveredLabels: { __address__: new URL(target.url).host },
    labels: target.labels,
    scrapePool: labelOf(target.labels, 'job'),
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: health.lastError,
    lastScrape: new Date(health.lastScrapeAt).toISOString(),
    lastScrapeDuration: health.lastDurationMs / 1000,
    health: health.health,
    scrapeInterval: `${intervalMs}ms`,
    scrapeTimeout: `${timeoutMs}ms`,
  }))
  // Pods that do not ask to be scraped are no targets: there is nothing that was dropped.
  return { data: { activeTargets: parameters.get('state') === 'dropped' ? [] : activeTargets, droppedTargets: [] } }
}

/** `GET /api/v1/metadata` */
export function metadata(parameters: URLSearchParams, sources: TargetSources): ApiAnswer {
  const metric = parameters.get('metric')
  const known = sources.scraper.metadata.entries().filter(([name]) => !metric || name === metric)
  return { data: Object.fromEntries(limited(parameters, known)) }
}

/** `GET /api/v1/status/buildinfo` */
export function buildInfo(): ApiAnswer {
  return { data: { version: prometheusVersion, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' } }
}

/** The series of all `match[]` that had a sample from `start` to `end`. */
function selectedSeries(parameters: URLSearchParams, { storage }: ApiSources): Series[] {
  const start = timeParameter(parameters, 'start', Number.NEGATIVE_INFINITY)
  const end = timeParameter(parameters, 'end', Number.POSITIVE_INFINITY)
  const selectors = parameters
    .getAll('match[]')
    .map((text) => promqlParameter('match[]', () => parseSelector(text)).matchers)
  const selected =
    selectors.length === 0 ? storage.select([]) : selectors.flatMap((matchers) => storage.select(matchers))
  return [...new Set(selected)].filter(({ chunks }) =>
    chunks.some((chunk) => chunk.firstAt <= end && chunk.lastAt >= start),
  )
}

function limited<Item>(parameters: URLSearchParams, items: readonly Item[]): readonly Item[] {
  const limit = limitParameter(parameters)
  return limit === 0 ? items : items.slice(0, limit)
}

import * as v from 'valibot'
import { isLabName, labNameRule, mostLabNodes } from '../lab/index.ts'
import { type Duration, type Rate, type Ratio, toFraction, toMilliseconds, toPerSecond } from '../support/quantities.ts'
import { similarTo } from '../support/similar.ts'

const duration = v.custom<Duration>(isDuration, `a duration such as '250ms', '20s' or '5m'`)
const ratio = v.custom<Ratio>(isRatio, `a share such as '50%'`)
const rate = v.custom<Rate>(isRate, `a rate such as '100/s'`)
const url = v.pipe(v.string(), v.url('a URL'))
const strings = v.array(v.string())
const secret = v.custom<string>((value) => typeof value === 'string' && value !== '', 'a text that is not empty')

const image = v.strictObject({
  command: v.pipe(strings, v.minLength(1, 'a command: at least one word')),
  env: v.optional(v.record(v.string(), v.string())),
  tags: v.optional(strings),
})

const pattern = v.pipe(
  v.instance(RegExp),
  v.check((each) => !new RegExp(each.source, each.flags).test('')),
)
const text = v.pipe(v.string(), v.nonEmpty('a text that is not empty'))
const traceLink = v.union(
  [
    v.pipe(v.string(), v.includes('{traceId}', 'a URL with {traceId}')),
    v.strictObject({ jaeger: url }),
    v.strictObject({ tempo: url, datasource: text }),
    v.strictObject({ zipkin: url }),
    v.strictObject({
      honeycomb: v.strictObject({ team: text, environment: text, dataset: text, url: v.optional(url) }),
    }),
    v.strictObject({ datadog: text }),
  ],
  `a URL with {traceId}, { jaeger: URL }, { tempo: URL, datasource }, { zipkin: URL }, { honeycomb: { team, environment, dataset } } or { datadog: SITE }`,
)

const reading = { headers: v.optional(v.record(v.string(), secret)), within: v.optional(duration) }
const traceSource = v.union(
  [v.strictObject({ jaeger: url, ...reading }), v.strictObject({ tempo: url, ...reading })],
  '{ jaeger: URL, headers?, within? } or { tempo: URL, headers?, within? }',
)

/** The shape of a config, with words for what is wrong. An unknown key is a typing error and is refused. */
const configSchema = v.strictObject({
  target: v.optional(
    v.union(
      [
        v.picklist(['lab', 'none']),
        v.strictObject({ lab: v.pipe(v.string(), v.check(isLabName, `the name of a lab: ${labNameRule}`)) }),
        v.strictObject({
          context: v.string(),
          namespace: v.optional(v.string()),
          kubeconfig: v.optional(v.string()),
          environment: v.optional(v.pipe(v.string(), v.nonEmpty('the name of an environment'))),
        }),
      ],
      `'lab', 'none', { lab: NAME }, or { context, namespace?, kubeconfig?, environment? }`,
    ),
  ),
  safety: v.optional(
    v.strictObject({
      namespaces: v.optional(strings),
      protectedNamespaces: v.optional(strings),
      maxPods: v.optional(ratio),
      maxNodes: v.optional(ratio),
    }),
  ),
  lab: v.optional(
    v.strictObject({
      images: v.optional(v.record(v.string(), image)),
      manifests: v.optional(strings),
      scrapeInterval: v.optional(duration),
      metrics: v.optional(v.strictObject({ backend: v.optional(v.picklist(['embedded', 'prometheus'])) })),
      nodes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostLabNodes))),
      nodeLostAfter: v.optional(duration),
      podsEvictedAfter: v.optional(duration),
      atATime: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
  prometheus: v.optional(
    v.strictObject({
      url: v.optional(url),
      bearerToken: v.optional(secret),
      basicAuth: v.optional(v.strictObject({ username: v.string(), password: secret })),
      headers: v.optional(v.record(v.string(), secret)),
      tls: v.optional(
        v.strictObject({
          ca: v.optional(v.string()),
          cert: v.optional(v.string()),
          key: v.optional(v.string()),
          serverName: v.optional(v.string()),
          insecure: v.optional(v.boolean()),
        }),
      ),
    }),
  ),
  metrics: v.optional(
    v.strictObject({
      port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      host: v.optional(v.string()),
      linger: v.optional(duration),
    }),
  ),
  traces: v.optional(
    v.strictObject({
      endpoint: v.optional(url),
      protocol: v.optional(v.picklist(['http/protobuf', 'http/json'])),
      headers: v.optional(v.record(v.string(), secret)),
      zipkin: v.optional(url),
      requests: v.optional(rate),
      slow: v.optional(duration),
      vitest: v.optional(v.boolean()),
      link: v.optional(traceLink),
      readBack: v.optional(traceSource),
    }),
  ),
  redact: v.optional(
    v.array(v.union([v.undefined(), v.string(), pattern], 'a text, or a regular expression that matches something')),
  ),
  actions: v.optional(strings),
  timeouts: v.optional(
    v.strictObject({ hypothesis: v.optional(duration), hook: v.optional(duration), rollback: v.optional(duration) }),
  ),
})

/** Every problem of a config, each with the path of the key; empty when there is none. */
export function problemsOf(config: unknown): string[] {
  const result = v.safeParse(configSchema, config)
  return result.success
    ? []
    : result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the config'}: ${wordsFor(issue)}`)
}

function wordsFor(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return `there is no such setting${meantBy(issue)}`
  const hasWordsOfOurs = issue.type === 'custom' || issue.type === 'union' || issue.kind === 'validation'
  const expected = `expected ${hasWordsOfOurs ? issue.message : nameOf(issue.expected)}`
  return maySpillSecrets(issue) ? expected : `${expected}, found ${issue.received}`
}

/** Which setting may have been meant: `; did you mean manifests?`. */
function meantBy({ path }: v.BaseIssue<unknown>): string {
  const keys = (path ?? []).map(({ key }) => String(key))
  const [meant] = similarTo(keys.at(-1) ?? '', settingsIn(configSchema, keys.slice(0, -1)))
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

/** The names of the settings at a place of the config; none where their names are free. */
function settingsIn(schema: unknown, [key, ...rest]: readonly string[]): string[] {
  const { wrapped, entries } = schema as { wrapped?: unknown; entries?: Record<string, unknown> }
  if (wrapped) return settingsIn(wrapped, key === undefined ? [] : [key, ...rest])
  return key === undefined || !entries ? Object.keys(entries ?? {}) : settingsIn(entries[key] ?? {}, rest)
}

/** What valibot calls a type, in words. */
function nameOf(type: string | null): string {
  return type === 'Array' ? 'a list' : type === 'Object' ? 'an object' : type === 'string' ? 'a text' : String(type)
}

function isDuration(value: unknown): boolean {
  return reads(() => toMilliseconds(value as Duration))
}

function isRate(value: unknown): boolean {
  return typeof value === 'string' && reads(() => toPerSecond(value as Rate))
}

function isRatio(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && reads(() => toFraction(value as Ratio))
}

function reads(read: () => number): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

/** What was found in a place for secrets, or for a URL that may hold some, is not repeated. */
function maySpillSecrets({ path }: v.BaseIssue<unknown>): boolean {
  const [first, second] = path ?? []
  return (
    first?.key === 'prometheus' ||
    first?.key === 'redact' ||
    (first?.key === 'traces' && ['headers', 'readBack'].includes(String(second?.key)))
  )
}

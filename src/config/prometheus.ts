import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, usageError } from '../support/errors.ts'
import type { HttpAccess, TlsAccess } from '../support/http-access.ts'
import type { PrometheusConfig } from './define.ts'

/** Where the Prometheus of a cluster is, and how to be let in. */
export interface ResolvedPrometheus {
  prometheusUrl?: string
  prometheusAccess?: HttpAccess
}

type Environment = Readonly<Record<string, string | undefined>>

const prefix = 'CHAOS_TEST_PROMETHEUS_'

/**
 * Completes what the config says of Prometheus from the environment (`CHAOS_TEST_PROMETHEUS_URL` and so on), so that
 * secrets need not stand in a file. What the config says comes first.
 *
 * @throws CHAOS_PROMETHEUS_ACCESS (usage); no message shows a secret
 */
export function resolvePrometheus(
  config: PrometheusConfig | undefined,
  root: string,
  environment: Environment = process.env,
): ResolvedPrometheus {
  const settings = { ...fromEnvironment(environment), ...defined(config ?? {}) }
  if (settings.url === undefined) return {}
  const url = URL.parse(settings.url)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw badAccess('its URL is none of http or https. Write it as http://prometheus.monitoring:9090.')
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  const inUrl =
    username === '' ? undefined : { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  const headers = { ...settings.headers, ...authorization({ ...settings, ...(inUrl ? { basicAuth: inUrl } : {}) }) }
  const tls = tlsOf(settings.tls, root)
  return { prometheusUrl: url.href.replace(/\/+$/, ''), prometheusAccess: { headers, ...(tls ? { tls } : {}) } }
}

function authorization({ bearerToken, basicAuth, headers = {} }: PrometheusConfig): Record<string, string> {
  const own = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  const ways = [bearerToken !== undefined, basicAuth !== undefined, own].filter(Boolean).length
  if (ways > 1) {
    throw badAccess(
      'there are several ways to be let in: a bearer token, basic authentication (also as part of the URL) and a header "authorization" exclude each other, and one may come from the environment.',
    )
  }
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken.trim()}` }
  if (basicAuth === undefined) return {}
  const pair = Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

function tlsOf(tls: PrometheusConfig['tls'], root: string): TlsAccess | undefined {
  if (!tls) return undefined
  const { ca, cert, key, serverName, insecure } = tls
  if ((cert === undefined) !== (key === undefined)) throw badAccess('"tls" needs both "cert" and "key", or neither.')
  return {
    ...defined({ serverName, insecure }),
    ...(ca === undefined ? {} : { ca: pemAt('ca', ca, root) }),
    ...(cert === undefined ? {} : { cert: pemAt('cert', cert, root) }),
    ...(key === undefined ? {} : { key: pemAt('key', key, root) }),
  }
}

function pemAt(setting: string, path: string, root: string): string {
  try {
    return readFileSync(resolve(root, path), 'utf8')
  } catch (error) {
    throw badAccess(`"tls.${setting}" could not be read: ${messageOf(error)}.`)
  }
}

function fromEnvironment(environment: Environment): PrometheusConfig {
  const variable = (name: string) => environment[prefix + name] || undefined
  const username = variable('USERNAME')
  const headers = variable('HEADERS')
  const files = defined({ ca: variable('CA'), cert: variable('CERT'), key: variable('KEY') })
  return {
    ...defined({ url: variable('URL'), bearerToken: variable('BEARER_TOKEN') }),
    ...(username === undefined ? {} : { basicAuth: { username, password: variable('PASSWORD') ?? '' } }),
    ...(headers === undefined ? {} : { headers: headersIn(headers) }),
    ...(Object.keys(files).length === 0 ? {} : { tls: files }),
  }
}

/** `name=value,name=value`, as OpenTelemetry writes headers in the environment. */
function headersIn(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair))
  if (pairs.some((pair) => pair === null)) {
    throw badAccess(`${prefix}HEADERS is not written as name=value,name=value.`)
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
}

function defined<T extends object>(settings: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> }
}

function badAccess(why: string): Error {
  return usageError(
    'CHAOS_PROMETHEUS_ACCESS',
    `How to reach Prometheus (the config's "prometheus", or the variables ${prefix}…): ${why}`,
  )
}

import { toMilliseconds, toPerSecond } from '../support/quantities.ts'
import type { TraceExports } from '../support/trace-exports.ts'
import type { TraceSource, TracesConfig } from './define.ts'
import { linkTemplate } from './trace-links.ts'

/** What the config says of traces, in the units that the code works with. */
export interface ResolvedTraces {
  exports: TraceExports
  /** A URL with placeholders. */
  link?: string
  readBack?: ReadBackSource
  /** Whether Vitest traces itself, too. */
  vitest: boolean
}

/** Where the spans of the services can be read. */
export interface ReadBackSource {
  /** How people call it: its address. */
  name: string
  /** A trace is at this URL, a slash and its id. */
  url: string
  headers: Readonly<Record<string, string>>
  withinMs: number
}

export function resolveTraces(config: TracesConfig): ResolvedTraces {
  const { endpoint, protocol, headers, zipkin, requests, slow, vitest = false, link, readBack } = config
  return {
    exports: {
      ...(endpoint === undefined
        ? {}
        : { otlp: { endpoint, ...(protocol ? { protocol } : {}), ...(headers ? { headers } : {}) } }),
      ...(zipkin === undefined ? {} : { zipkinUrl: zipkin }),
      ...(requests === undefined ? {} : { requestsPerSecond: toPerSecond(requests) }),
      ...(slow === undefined ? {} : { slowRequestMs: toMilliseconds(slow) }),
    },
    vitest,
    ...(readBack === undefined ? {} : { readBack: readBackSource(readBack) }),
    ...(link === undefined ? {} : { link: linkTemplate(link) }),
  }
}

/** @see https://www.jaegertracing.io/docs/latest/architecture/apis/ and https://grafana.com/docs/tempo/latest/api_docs/ */
function readBackSource(source: TraceSource): ReadBackSource {
  const address = ('jaeger' in source ? source.jaeger : source.tempo).replace(/\/+$/, '')
  const path = 'jaeger' in source ? '/api/v3/traces' : '/api/v2/traces'
  const { headers = {}, within = '5s' } = source
  const { origin, pathname } = new URL(address)
  return { name: origin + pathname.replace(/\/$/, ''), url: address + path, headers, withinMs: toMilliseconds(within) }
}

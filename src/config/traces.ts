import { toMilliseconds, toPerSecond } from '../support/quantities.ts'
import type { TraceExports } from '../support/trace-exports.ts'
import type { TracesConfig } from './define.ts'
import { linkTemplate } from './trace-links.ts'

/** What the config says of traces, in the units that the code works with. */
export interface ResolvedTraces {
  exports: TraceExports
  /** A URL with placeholders. */
  link?: string
  /** Whether Vitest traces itself, too. */
  vitest: boolean
}

export function resolveTraces(config: TracesConfig): ResolvedTraces {
  const { endpoint, protocol, headers, zipkin, requests, slow, vitest = false, link } = config
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
    ...(link === undefined ? {} : { link: linkTemplate(link) }),
  }
}

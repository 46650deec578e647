import type { SpanExporter } from '@opentelemetry/sdk-trace-node'
import { loadPackage } from '../support/load-package.ts'
import type { OtlpExport, OtlpProtocol, TraceExports } from '../support/trace-exports.ts'
import { type Environment, otlpProtocolIn } from './environment.ts'

/** Where spans go, and what people call it. */
export interface NamedExporter {
  /** The URL, without what lets us in. */
  name: string
  exporter: SpanExporter
}

/** How long one export may take. The end of a run waits for less. */
const exportTimeoutMs = 5000
const defaultOtlpEndpoint = 'http://localhost:4318'
const defaultZipkinUrl = 'http://localhost:9411/api/v2/spans'

/**
 * The exporters that the config and the environment ask for. What the config says comes first, but for
 * `OTEL_SDK_DISABLED=true` and `OTEL_TRACES_EXPORTER=none`, which turn all of them off. Where nothing is said, nothing is
 * exported: there need not be a collector on every machine.
 *
 * Headers, compression and certificates of the environment (`OTEL_EXPORTER_OTLP_HEADERS` …) are read by the exporters.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function exportersFor(settings: TraceExports, env: Environment): NamedExporter[] {
  const asked = (env.OTEL_TRACES_EXPORTER ?? '').split(',').map((name) => name.trim())
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || asked.includes('none')) return []
  const otlp = otlpUrl(settings.otlp, env) ?? (asked.includes('otlp') ? tracesOf(defaultOtlpEndpoint) : undefined)
  const zipkin =
    (settings.zipkinUrl ?? env.OTEL_EXPORTER_ZIPKIN_ENDPOINT) ||
    (asked.includes('zipkin') ? defaultZipkinUrl : undefined)
  const protocol = otlpProtocolIn(settings, env)
  return [
    ...(otlp === undefined || typeof protocol === 'object' ? [] : [otlpExporter(otlp, protocol, settings.otlp)]),
    ...(zipkin === undefined ? [] : [zipkinExporter(zipkin)]),
  ]
}

function otlpUrl(settings: OtlpExport | undefined, env: Environment): string | undefined {
  if (settings) return tracesOf(settings.endpoint)
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: shared } = env
  return own || (shared ? tracesOf(shared) : undefined)
}

function tracesOf(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, '')}/v1/traces`
}

function otlpExporter(url: string, protocol: OtlpProtocol, settings: OtlpExport | undefined): NamedExporter {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? loadPackage<typeof import('@opentelemetry/exporter-trace-otlp-http')>('@opentelemetry/exporter-trace-otlp-http')
      : loadPackage<typeof import('@opentelemetry/exporter-trace-otlp-proto')>(
          '@opentelemetry/exporter-trace-otlp-proto',
        )
  const headers = settings?.headers ? { headers: { ...settings.headers } } : {}
  return { name: publicUrl(url), exporter: new OTLPTraceExporter({ url, ...headers, timeoutMillis: exportTimeoutMs }) }
}

function zipkinExporter(url: string): NamedExporter {
  const { ZipkinExporter } = loadPackage<typeof import('@opentelemetry/exporter-zipkin')>(
    '@opentelemetry/exporter-zipkin',
  )
  return { name: publicUrl(url), exporter: new ZipkinExporter({ url }) }
}

function publicUrl(text: string): string {
  const url = URL.parse(text)
  return url ? url.origin + url.pathname : 'a URL that is none'
}

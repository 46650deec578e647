/** The OpenTelemetry SDK: a tenth of a second to load, so it is loaded only where spans are wanted. */
import { setTimeout as sleep } from 'node:timers/promises'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { Telemetry } from './telemetry.ts'

/** How often spans are sent. */
const sendEveryMs = 500

/** How long a collector may take, also when the service ends. */
const exportTimeoutMs = 1000

export function startExporting({ name, version }: { name: string; version: string }): Telemetry {
  const exporter = new OTLPTraceExporter({ timeoutMillis: exportTimeoutMs })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': name,
      'service.version': version,
      'service.instance.id': process.env.HOSTNAME ?? String(process.pid),
    }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: sendEveryMs })],
  })
  provider.register({ contextManager: null, propagator: null })
  return {
    stop: async () => {
      const sent = provider.shutdown().catch(() => {})
      await Promise.race([sent, sleep(exportTimeoutMs)])
    },
  }
}

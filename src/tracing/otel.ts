import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { redactionBy, secretsInEnvironment } from '../journal/redaction.ts'
import { ciAttributes } from './ci.ts'
import { Deliveries } from './deliveries.ts'
import { Delivery } from './delivery.ts'
import { exportersFor } from './exporters.ts'
import { resourceOf } from './provider.ts'

/**
 * An OpenTelemetry SDK for Vitest's own (experimental) tracing, in a run of chaos-test or in any Vitest: a collector that
 * is dead or hangs does not fail the tests. It is set up by the environment alone (`OTEL_EXPORTER_OTLP_ENDPOINT` …).
 * Where somebody has registered an SDK before, it does nothing.
 *
 * @example
 * // vitest.config.ts
 * experimental: { openTelemetry: { enabled: true, sdkPath: fileURLToPath(import.meta.resolve('chaos-test/otel')) } }
 */
const spans = new Deliveries(
  exportersFor({}, process.env).map((named) => new Delivery(named)),
  redactionBy({ secrets: secretsInEnvironment(process.env), patterns: [] }),
)
const provider = new NodeTracerProvider({
  resource: resourceOf('vitest', ciAttributes(process.env)),
  spanProcessors: [spans],
})
if (trace.setGlobalTracerProvider(provider)) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
}

// biome-ignore lint/style/noDefaultExport: Vitest finds the SDK by its default export
export default {
  /** Delivers what has ended. It takes a second at the most, and never rejects. */
  forceFlush: (): Promise<void> => spans.forceFlush(),
  /** Delivers what has ended, and nothing after that. It takes a second at the most, and never rejects. */
  shutdown: (): Promise<void> => spans.shutdown(),
}

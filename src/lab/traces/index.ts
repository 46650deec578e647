import { createServer } from 'node:http'
import { closeAtOnce, listen } from '../http/listening.ts'
import { traceListener } from './http.ts'
import { TraceStore } from './store.ts'

export interface TraceReceiverOptions {
  host: string
  port: number
  /** How much JSON of spans is kept (32 MiB). */
  maxBytes?: number
}

/** Takes the spans of the pods, and gives them back. */
export interface TraceReceiver {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be. */
  url: string
  stop(): Promise<void>
}

const defaultMaxBytes = 32 * 1024 * 1024

/**
 * An OTLP/HTTP receiver of traces, in JSON and in binary protobuf, and one of Zipkin's spans (`POST /api/v2/spans`), all
 * also gzipped. `GET /v1/traces` answers what it
 * holds as OTLP/JSON, `GET /v1/traces/<trace id>` that of one trace. Metrics and logs are accepted and dropped.
 *
 * @throws the listener's error, as EADDRINUSE
 */
export async function startTraceReceiver(options: TraceReceiverOptions): Promise<TraceReceiver> {
  const { host, port, maxBytes = defaultMaxBytes } = options
  const store = new TraceStore(maxBytes)
  const server = createServer(traceListener(store))
  const boundPort = await listen(server, host, port)
  return { url: `http://${host}:${boundPort}`, stop: () => closeAtOnce(server) }
}

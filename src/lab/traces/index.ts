import { once } from 'node:events'
import { createServer } from 'node:http'
import { handleRequest } from './http.ts'
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

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024

/**
 * An OTLP/HTTP receiver of traces, in JSON and in binary protobuf, both also gzipped. `GET /v1/traces` answers what it
 * holds as OTLP/JSON, `GET /v1/traces/<trace id>` that of one trace. Metrics and logs are accepted and dropped.
 *
 * @throws the listener's error, as EADDRINUSE
 */
export async function startTraceReceiver(options: TraceReceiverOptions): Promise<TraceReceiver> {
  const { host, port, maxBytes = DEFAULT_MAX_BYTES } = options
  const store = new TraceStore(maxBytes)
  const server = createServer((request, response) => handleRequest(request, response, store))
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host}:${boundPort}`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

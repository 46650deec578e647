import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '@opentelemetry/api'
import { createMetrics, type Metrics } from './metrics.ts'
import { inServerSpan, startTelemetry } from './telemetry.ts'

export interface Service {
  name: string
  version: string
  /** What `/health` says (true). */
  healthy?: boolean
  /** The name of the span of a request to `/`. */
  spanName: string
  /** The JSON that `/` answers. When it throws, the answer is 500. */
  answer(call: Call): Promise<object>
}

export interface Call {
  /** The trace that the request belongs to: to be handed on to whoever is asked next. */
  context: Context
  metrics: Metrics
}

const port = Number(process.env.PORT ?? 8000)

/**
 * How long a pod that was told to end goes on serving. Its last requests arrive after the signal: the nodes hear only
 * afterwards that the pod is no endpoint of its service any more.
 */
const drainMs = Number(process.env.DRAIN_MS ?? 2000)
/** As many servers do it that know nothing of Kubernetes: whoever waits for an answer then gets none. */
const endsAtOnce = process.env.DRAIN_MS === 'none'

/** Serves `/`, `/health` and `/metrics` until SIGTERM. */
export function serve(service: Service): void {
  const metrics = createMetrics(service)
  let draining = false

  const server = createServer((request, response) => {
    // A connection that is kept would bind its caller to a pod that is about to end.
    if (draining) response.setHeader('connection', 'close')
    void route(service, metrics, request, response)
  })
  server.listen(port, '0.0.0.0')
  const telemetry = startTelemetry(service)

  process.once('SIGTERM', async () => {
    if (endsAtOnce) process.exit(0)
    draining = true
    await sleep(drainMs)
    server.close()
    await once(server, 'close')
    await telemetry.stop()
    process.exit(0)
  })
}

async function route(service: Service, metrics: Metrics, request: IncomingMessage, response: ServerResponse) {
  const [path] = (request.url ?? '/').split('?')
  switch (path) {
    case '/':
      return answer(service, metrics, request, response)
    case '/health':
      return send(response, service.healthy === false ? 500 : 200, 'text/plain', '')
    case '/metrics':
      return send(response, 200, metrics.contentType, await metrics.text())
    default:
      return send(response, 404, 'text/plain', 'not found\n')
  }
}

async function answer(service: Service, metrics: Metrics, request: IncomingMessage, response: ServerResponse) {
  const { name, version, spanName } = service
  const method = request.method ?? 'GET'
  metrics.requested('/', method)
  const reply = await inServerSpan(spanName, request, async (context) => {
    try {
      return { status: 200, body: await service.answer({ context, metrics }) }
    } catch (error) {
      return {
        status: 500,
        body: { svc: name, version, error: error instanceof Error ? error.message : String(error) },
      }
    }
  })
  metrics.responded('/', method, reply.status)
  send(response, reply.status, 'application/json', `${JSON.stringify(reply.body)}\n`)
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}

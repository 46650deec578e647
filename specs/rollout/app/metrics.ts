import { hostname } from 'node:os'
import { Counter, Gauge, Registry } from 'prom-client'

export interface Metrics {
  requested(path: string, method: string): void
  responded(path: string, method: string, status: number): void
  /** The number that was given to a user last. */
  counted(count: number): void
  contentType: string
  /** In the text format of Prometheus. */
  text(): Promise<string>
}

/** The metrics of one pod: each bears the name and version of the service and the host that it runs on. */
export function createMetrics({ name, version }: { name: string; version: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ name, version, host: process.env.HOSTNAME ?? hostname() })

  const requests = new Counter({
    name: 'svc_requests_total',
    help: 'Requests that came in.',
    labelNames: ['path', 'method'],
    registers: [registry],
  })
  const responses = new Counter({
    name: 'svc_responses_total',
    help: 'Responses that went out.',
    labelNames: ['path', 'method', 'status_code'],
    registers: [registry],
  })
  const counter = new Gauge({ name: 'counter', help: 'The current count.', registers: [registry] })

  // A counter that is born with its first error shows Prometheus no increase: these exist from the start.
  requests.inc({ path: '/', method: 'GET' }, 0)
  for (const status_code of [200, 500]) responses.inc({ path: '/', method: 'GET', status_code }, 0)

  return {
    requested: (path, method) => requests.inc({ path, method }),
    responded: (path, method, status_code) => responses.inc({ path, method, status_code }),
    counted: (count) => counter.set(count),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { Counter, Registry } from 'prom-client'
import type { ChaosEvent } from '../src/journal/events.ts'
import { messageOf, usageError } from '../src/support/errors.ts'
import { RunMetrics } from './metrics/run-metrics.ts'

export interface MetricsOptions {
  host: string
  port: number
  /** How long the end of a run waits for a last scrape, if there was one before. */
  lingerMs: number
}

type RequestLabel = 'traffic' | 'file' | 'phase' | 'outcome'

/** What a request can come to: each is there from the start, at 0, so that a first error counts for every reader. */
const outcomes = [
  ...['2xx', '3xx', '4xx', '5xx'],
  ...['refused', 'unreachable', 'reset', 'timeout-connect', 'timeout-wait', 'timeout-read', 'dns', 'tls'],
  ...['invalid-response', 'unexpected-body', 'via-proxy', 'aborted'],
  'dropped',
]

/**
 * Publishes what users counted as `chaos_test_requests_total`, for a Prometheus to scrape while the run goes on: the
 * users' side beside that of the servers, in the same place. Beside them is what the run itself does.
 */
export class MetricsReporter {
  readonly #registry = new Registry()
  readonly #requests = new Counter<RequestLabel>({
    name: 'chaos_test_requests_total',
    help: 'Requests that the arrival rate planned, by what became of them.',
    labelNames: ['traffic', 'file', 'phase', 'outcome'],
    registers: [this.#registry],
  })
  readonly #run = new RunMetrics(this.#registry)
  /** The phase that each hypothesis is in. */
  readonly #phases = new Map<string, string>()
  readonly #server: Server
  readonly #lingerMs: number
  #scrapes = 0

  private constructor(server: Server, lingerMs: number) {
    this.#server = server
    this.#lingerMs = lingerMs
  }

  /** @throws CHAOS_METRICS_ADDRESS (usage) the address is taken, or not of this machine */
  static async listen({ host, port, lingerMs }: MetricsOptions): Promise<MetricsReporter> {
    const server = createServer((request, response) => void reporter.#answer(request.url ?? '', response))
    const reporter = new MetricsReporter(server, lingerMs)
    try {
      server.listen(port, host)
      await once(server, 'listening')
    } catch (error) {
      throw usageError(
        'CHAOS_METRICS_ADDRESS',
        `The metrics of the run cannot be served at ${host}:${port}: ${messageOf(error)}. Set another "metrics: { host, port }" in chaos.config.ts, or leave it out.`,
      )
    }
    return reporter
  }

  onEvent(event: ChaosEvent): void {
    this.#run.onEvent(event)
    switch (event.type) {
      case 'phase-started':
        this.#phases.set(placeOf(event), event.phase)
        break
      case 'phase-ended':
        this.#phases.delete(placeOf(event))
        break
      case 'traffic-started':
        for (const outcome of outcomes) this.#requests.inc({ ...this.#labelsOf(event), outcome }, 0)
        break
      case 'traffic-progress':
        for (const [outcome, count] of Object.entries(event.outcomes)) {
          this.#requests.inc({ ...this.#labelsOf(event), outcome }, count)
        }
        break
    }
  }

  onEnd(): void {}

  /** Ends once a scrape has seen the last counts; nobody who never scraped is waited for. */
  async close(): Promise<void> {
    if (this.#scrapes > 0) {
      const scraped = once(this.#server, 'scraped')
      const limit = AbortSignal.timeout(this.#lingerMs)
      await Promise.race([scraped, once(limit, 'abort')])
    }
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    if (path !== '/metrics') {
      response.writeHead(404).end('The metrics are at /metrics.\n')
      return
    }
    response.setHeader('content-type', this.#registry.contentType)
    response.end(await this.#registry.metrics(), () => {
      this.#scrapes += 1
      this.#server.emit('scraped')
    })
  }

  /** `phase` is empty outside of a hypothesis, as in `beforeAll`. */
  #labelsOf(event: ChaosEvent & { traffic: string }) {
    return { traffic: event.traffic, file: event.file ?? '', phase: this.#phases.get(placeOf(event)) ?? '' }
  }
}

function placeOf({ file, hypothesis }: ChaosEvent): string {
  return `${file} ${hypothesis}`
}

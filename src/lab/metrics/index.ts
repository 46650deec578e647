import { systemClock } from '../../support/clock.ts'
import type { ApiAccess } from '../client/access.ts'
import { ApiClient, Informer, pods } from '../client/index.ts'
import { type Backend, type BackendOptions, prometheusBackend } from './backend/index.ts'
import { serveApi } from './http.ts'
import { Scraper } from './scraper.ts'
import { Storage } from './storage.ts'

export interface MetricsOptions {
  host: string
  port: number
  /** How often each pod is scraped. */
  scrapeIntervalMs: number
  /** Whose pods are scraped; absent: those of all namespaces. */
  namespace?: string
  /** A real Prometheus keeps the samples and answers queries; absent: the lab does so by itself. */
  prometheus?: BackendOptions
}

/** The metrics of a cluster: a scraper of its pods and the HTTP API of Prometheus over what it saw. */
export interface Metrics {
  /** The base URL of the API. */
  url: string
  stop(): Promise<void>
}

/** On a busy machine a pod may take longer than an interval to answer; that alone does not make it down. */
const shortestTimeoutMs = 1000

/**
 * Scrapes every pod that is annotated with `prometheus.io/scrape`, and serves what it saw. Ready when the pods that
 * there are have been found.
 *
 * @throws the listener's error, as EADDRINUSE; CHAOS_LAB_NO_PROMETHEUS, CHAOS_LAB_NOT_READY
 */
export async function startMetrics(access: ApiAccess, options: MetricsOptions): Promise<Metrics> {
  const { host, port, scrapeIntervalMs, namespace, prometheus } = options
  const backend = prometheus ? await prometheusBackend(prometheus, host) : embeddedBackend()
  const timeoutMs = Math.max(scrapeIntervalMs, shortestTimeoutMs)
  const scraper = new Scraper(backend.sink, { intervalMs: scrapeIntervalMs, timeoutMs })
  const server = await backend.serve(scraper, { host, port }).catch(async (error) => {
    await backend.stop()
    throw error
  })

  const client = new ApiClient(access)
  const informer = new Informer(client, pods, { namespace })
  informer.onChange((old, pod) => scraper.podChanged(old, pod))
  informer.start()
  await informer.synced

  return {
    url: server.url,
    stop: async () => {
      await informer.stop()
      client.close()
      await scraper.stop()
      await server.close()
      await backend.stop()
    },
  }
}

function embeddedBackend(): Backend {
  const storage = new Storage()
  return {
    sink: storage,
    serve: (scraper, { host, port }) => serveApi({ storage, scraper, clock: systemClock }, host, port),
    stop: async () => {},
  }
}

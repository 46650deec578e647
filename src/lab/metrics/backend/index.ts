import type { Launcher } from '../../kubelet/index.ts'
import { type ListenAddress, type RunningServer, serveInFrontOf } from '../http.ts'
import type { Scraper } from '../scraper.ts'
import type { SampleSink } from '../sink.ts'
import { PrometheusProxy } from './proxy.ts'
import { RemoteWriter } from './remote-writer.ts'
import { startPrometheus } from './server.ts'

/** What a real Prometheus is started with. */
export interface BackendOptions {
  /** Starts it such that it never outlives the lab. */
  launcher: Launcher
  /** The lab's private folder: its data go there, and its log. */
  home: string
}

/** Where samples go, and who answers queries for them. */
export interface Backend {
  readonly sink: SampleSink
  serve(scraper: Scraper, address: ListenAddress): Promise<RunningServer>
  stop(): Promise<void>
}

/**
 * A real Prometheus, fed by the scraper of the lab: it knows of a pod as soon as the lab does, and of its end, which by
 * its own discovery it learns seconds later.
 *
 * @throws CHAOS_LAB_NO_PROMETHEUS, CHAOS_LAB_NOT_READY
 */
export async function prometheusBackend({ launcher, home }: BackendOptions, host: string): Promise<Backend> {
  const server = await startPrometheus(launcher, home, host)
  const writer = new RemoteWriter(server.url, (why) => console.error(`prometheus refused a sample: ${why}`))
  const proxy = new PrometheusProxy(server.url)
  return {
    sink: writer,
    serve: (scraper, address) => serveInFrontOf(proxy, { scraper }, address),
    stop: async () => {
      proxy.close()
      await writer.close()
      await server.stop()
    },
  }
}

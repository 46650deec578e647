import { serveApi } from '../../src/lab/metrics/http.ts'
import { identify, type Labels } from '../../src/lab/metrics/labels.ts'
import { Scraper } from '../../src/lab/metrics/scraper.ts'
import { Storage } from '../../src/lab/metrics/storage.ts'
import { PrometheusClient } from '../../src/prometheus/client.ts'
import { systemClock } from '../../src/support/clock.ts'

export const START = Date.UTC(2026, 0, 1)

/** The lab's metrics server over samples that a test writes: times are milliseconds after `START`. Its clock may be ahead of ours. */
export async function serveSamples({ aheadMs = 0 } = {}) {
  const storage = new Storage({ retentionMs: Number.POSITIVE_INFINITY })
  const scraper = new Scraper(storage, { intervalMs: 1000, timeoutMs: 1000 })
  const clock = { ...systemClock, now: () => Date.now() + aheadMs }
  const server = await serveApi({ storage, scraper, clock }, '127.0.0.1', 0)
  return {
    client: new PrometheusClient(server.url, { retryForMs: 0 }),
    /** One value a second, from a second on; `undefined` is a scrape that did not have the series. */
    write: (labels: Labels, fromSecond: number, values: readonly (number | undefined)[]) => {
      const identity = identify(labels)
      for (const [i, value] of values.entries()) {
        const at = START + (fromSecond + i) * 1000
        if (value === undefined) storage.appendStale(identity, at)
        else storage.append(identity, at, value)
      }
    },
    close: () => server.close(),
  }
}

export type SampleServer = Awaited<ReturnType<typeof serveSamples>>

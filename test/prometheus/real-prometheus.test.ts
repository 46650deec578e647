import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Stored } from '../../src/lab/client/index.ts'
import { serveApi } from '../../src/lab/metrics/http.ts'
import { Scraper } from '../../src/lab/metrics/scraper.ts'
import { Storage } from '../../src/lab/metrics/storage.ts'
import { PrometheusClient } from '../../src/prometheus/client.ts'
import { ratioIn } from '../../src/prometheus/counting.ts'
import type { LabelSelection } from '../../src/prometheus/selector.ts'
import { readWindow } from '../../src/prometheus/window-reader.ts'
import { systemClock } from '../../src/support/clock.ts'
import { type Exporter, freePort, isPrometheusInstalled, startExporter, startPrometheus, until } from './processes.ts'

// A real Prometheus and the lab's server scrape the same processes: what they are asked, both answer alike.

it.runIf(process.env.CI)('has a Prometheus to compare with', () => expect(isPrometheusInstalled).toBe(true))

describe.skipIf(!isPrometheusInstalled)(
  'beside a real Prometheus (skipped where `prometheus` is not installed)',
  () => {
    const ending: (() => Promise<void>)[] = []
    const servers: [name: string, client: PrometheusClient][] = []
    const ports: number[] = []
    let scraper: Scraper
    let steady: Exporter

    const start = async (port = 0) => {
      const exporter = await startExporter(port)
      ending.push(exporter.kill)
      return exporter
    }

    /** Both have read this sum of a code. */
    const scraped = (code: number, sum: number) =>
      until(`both have ${sum} of ${code}`, async () => {
        const sums = await Promise.all(
          servers.map(async ([, client]) => {
            const values = await client.valuesAt(`responses_total{code="${code}"}`, Date.now())
            return values.reduce((total, { value }) => total + value, 0)
          }),
        )
        return sums.every((found) => found === sum)
      })

    /** Both have read the steady process five times since then: a window that ends now is long enough on any machine. */
    const readOften = (since: number) =>
      until('both have read it five times', async () => {
        const up = `up{instance="127.0.0.1:${steady.port}"}`
        const reads = await Promise.all(servers.map(([, client]) => client.samples(up, since, Date.now())))
        return reads.every(([series]) => (series?.samples.length ?? 0) >= 5)
      })

    /** What both say of a window, after every target was read past it. */
    const both = async (measure: (client: PrometheusClient) => Promise<unknown>) => {
      const [real, lab] = await Promise.all(servers.map(([, client]) => measure(client)))
      return { real, lab }
    }
    const errorRate = (window: { startedAt: number; endedAt: number }, selection: LabelSelection = {}) =>
      both(async (client) => {
        const reading = await readWindow(client, { metric: 'responses_total', selection, window })
        const { numerator, denominator } = ratioIn(reading, { code: /^5/ }, 'the query')
        return `${numerator} of ${denominator}`
      })

    beforeAll(async () => {
      ports.push(await freePort(), await freePort())
      const storage = new Storage()
      scraper = new Scraper(storage, { intervalMs: 200, timeoutMs: 1000 })
      ending.push(() => scraper.stop())
      const api = await serveApi({ storage, scraper, clock: systemClock }, '127.0.0.1', 0)
      ending.push(() => api.close())
      const real = await startPrometheus({ ports })
      ending.push(real.stop)
      servers.push(['real', new PrometheusClient(real.url)], ['lab', new PrometheusClient(api.url)])

      steady = await start(ports[0])
      await steady.count(200, 100)
      for (const port of ports) scraper.podChanged(undefined, podAt(port))
      await scraped(200, 100)
    })

    afterAll(async () => {
      for (const end of ending.reverse()) await end()
    })

    it('counts births, a reset and a second process exactly', async () => {
      const startedAt = Date.now()
      await steady.count(200, 3000)
      await steady.count(500, 37)
      const second = await start(ports[1])
      await second.count(200, 40)
      await second.count(503, 2)
      await scraped(503, 2)
      await scraped(200, 3140)

      await second.kill()
      const restarted = await start(ports[1])
      await restarted.count(200, 7)
      await scraped(200, 3107)
      await restarted.count(500, 1)
      await readOften(startedAt)
      const window = { startedAt, endedAt: Date.now() }

      const expected = `${37 + 2 + 1} of ${3037 + 42 + 7 + 1}`
      expect(await errorRate(window)).toEqual({ real: expected, lab: expected })
    }, 60_000)

    it.each([
      ['responses_total', 'responses_total{code=~"2.."}'],
      ['a negative match', '{__name__="responses_total",code!~"2..",job!=""}'],
      ['a range', 'responses_total{code="200"}[2s]'],
      ['nothing', 'no_such_metric'],
    ])('both find the same series: %s', async (_, query) => {
      const found = await both(async (client) => {
        const result = await client.query(query, Date.now())
        const series = result.type === 'vector' ? result.values : result.type === 'matrix' ? result.series : []
        return [result.type, ...series.map(({ labels }) => `${labels.instance} ${labels.code}`).sort()]
      })
      expect(found.lab).toEqual(found.real)
    })

    it.each(['{}', 'up{', 'up{job=x}', 'up[5x]', 'up[0s]', 'up}', '"unterminated', 'up{job=~"("}', ''])(
      'both refuse %s',
      async (query) => {
        const refused = (client: PrometheusClient) =>
          client.query(query, Date.now()).then(
            () => 'answered',
            (error) => error.code,
          )
        expect(await both(refused)).toEqual({ real: 'CHAOS_PROMETHEUS_QUERY', lab: 'CHAOS_PROMETHEUS_QUERY' })
      },
    )

    it('says of a process that was killed and is still scraped that nothing can be told', async () => {
      const startedAt = Date.now()
      await steady.kill()
      await until('both know that it is down', async () => {
        const values = await Promise.all(servers.map(([, client]) => client.valuesAt('up', Date.now())))
        return values.every((found) => found.some(({ value }) => value === 0))
      })
      await readOften(startedAt)
      const window = { startedAt, endedAt: Date.now() }
      const endings = await both((client) =>
        readWindow(client, { metric: 'responses_total', selection: {}, window }, { withinMs: 300 }).catch(
          ({ code }) => code,
        ),
      )
      expect(endings).toEqual({ real: 'CHAOS_PROMETHEUS_NOT_COVERED', lab: 'CHAOS_PROMETHEUS_NOT_COVERED' })
    })
  },
)

/** A pod as the API server has it, on a port of this machine. */
function podAt(port: number): Stored<Pod> {
  const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) }
  const metadata = {
    name: `pod-${port}`,
    namespace: 'default',
    uid: `uid-${port}`,
    resourceVersion: '1',
    creationTimestamp: new Date().toISOString(),
    annotations,
  }
  return { metadata, spec: { containers: [] }, status: { podIP: '127.0.0.1', phase: 'Running' } }
}

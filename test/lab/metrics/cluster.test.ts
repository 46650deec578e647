import { request } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ApiServer, startApiServer } from '../../../src/lab/apiserver/server.ts'
import { ApiClient, pods } from '../../../src/lab/client/index.ts'
import { type Metrics, startMetrics } from '../../../src/lab/metrics/index.ts'
import { PrometheusClient } from '../../../src/prometheus/client.ts'
import { until } from '../../prometheus/processes.ts'
import { type Page, servePage } from './pages.ts'

let api: ApiServer
let client: ApiClient
let metrics: Metrics
let page: Page

beforeEach(async () => {
  page = await servePage('# HELP hits Visits.\n# TYPE hits gauge\nhits 1\n')
  api = await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67' })
  client = new ApiClient(api.access)
  metrics = await startMetrics(api.access, { host: '127.0.0.1', port: 0, scrapeIntervalMs: 50 })
})

afterEach(async () => {
  await metrics?.stop()
  await client?.close()
  await api?.close()
  await page?.close()
})

it('follows the pods of an API server', async () => {
  const prometheus = new PrometheusClient(metrics.url)
  const values = (name: string) => prometheus.valuesAt(name, Date.now())

  const created = await client.create(pods, {
    metadata: {
      name: 'web-1',
      namespace: 'default',
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(page.port) },
    },
    spec: { containers: [{ name: 'web', image: 'web:v1' }], terminationGracePeriodSeconds: 30 },
  })
  await client.replace(pods, { ...created, status: { phase: 'Running', podIP: '127.0.0.1' } }, 'status')
  await until('it is scraped', async () => (await values('hits')).some(({ value }) => value === 1))
  expect((await values('hits'))[0]?.labels).toMatchObject({ namespace: 'default', pod: 'web-1' })

  const described = await fetchJson(`${metrics.url}/api/v1/metadata?metric=hits`)
  expect(described).toEqual({ status: 'success', data: { hits: [{ type: 'gauge', help: 'Visits.', unit: '' }] } })

  await client.remove(pods, { namespace: 'default', name: 'web-1' }, { gracePeriodSeconds: 0 })
  await until('it is gone', async () => (await values('up')).length === 0)
})

async function fetchJson(url: string): Promise<unknown> {
  const { body } = await request(url)
  return body.json()
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiServer, startApiServer } from '../../../src/lab/apiserver/server.ts'
import { ApiClient, pods } from '../../../src/lab/client/index.ts'
import { Launcher } from '../../../src/lab/kubelet/index.ts'
import { RemoteWriter } from '../../../src/lab/metrics/backend/remote-writer.ts'
import { type PrometheusServer, startPrometheus } from '../../../src/lab/metrics/backend/server.ts'
import { type Metrics, startMetrics } from '../../../src/lab/metrics/index.ts'
import { identify } from '../../../src/lab/metrics/labels.ts'
import { isPrometheusInstalled, until } from '../../prometheus/processes.ts'
import { listenOnLoopback } from '../../traffic/loopback.ts'
import { type Page, servePage } from './pages.ts'

const describeReal = describe.skipIf(!isPrometheusInstalled && !process.env.CI)

async function query(url: string, expression: string): Promise<{ metric: object; value: [number, string] }[]> {
  const { body } = await request(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`)
  const answer = (await body.json()) as { data: { result: { metric: object; value: [number, string] }[] } }
  return answer.data.result
}

describeReal('a real Prometheus behind the lab (skipped where prometheus is not installed)', () => {
  let home: string
  let page: Page
  let api: ApiServer
  let client: ApiClient
  let metrics: Metrics

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'lab-'))
    page = await servePage('# HELP hits Visits.\n# TYPE hits counter\nhits 1\n')
    api = await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67' })
    client = new ApiClient(api.access)
    metrics = await startMetrics(api.access, {
      host: '127.0.0.1',
      port: 0,
      scrapeIntervalMs: 50,
      prometheus: { launcher: new Launcher(home), home },
    })
  })

  afterAll(async () => {
    await metrics?.stop()
    client?.close()
    await api?.close()
    await page?.close()
    if (home) rmSync(home, { recursive: true, force: true })
  })

  it('answers with what the lab scraped, and knows at once that a pod is gone', async () => {
    const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(page.port) }
    const created = await client.create(pods, {
      metadata: { name: 'web-1', namespace: 'default', annotations },
      spec: { containers: [{ name: 'web', image: 'web:v1' }], terminationGracePeriodSeconds: 30 },
    })
    await client.replace(pods, { ...created, status: { phase: 'Running', podIP: '127.0.0.1' } }, 'status')
    await until('it is scraped', async () => (await query(metrics.url, 'hits')).length === 1)
    const [found] = await query(metrics.url, 'sum by (pod, namespace) (hits)')
    expect(found).toMatchObject({ metric: { namespace: 'default', pod: 'web-1' }, value: [expect.any(Number), '1'] })

    page.text = '# HELP hits Visits.\n# TYPE hits counter\nhits 1\nmore 2\n'
    await until('a series is born', async () => (await query(metrics.url, 'more')).length === 1)
    page.text = '# HELP hits Visits.\n# TYPE hits counter\nhits 1\n'
    await until('it has ended', async () => (await query(metrics.url, 'more')).length === 0)

    await client.remove(pods, { namespace: 'default', name: 'web-1' }, { gracePeriodSeconds: 0 })
    await until('it is gone', async () => (await query(metrics.url, 'up')).length === 0)
  })

  it('takes targets and metadata from the lab, and the rest from Prometheus', async () => {
    const get = async (path: string) => (await request(`${metrics.url}${path}`)).body.json()
    expect(await get('/api/v1/targets')).toMatchObject({ data: { activeTargets: [] } })
    expect(await get('/api/v1/metadata')).toMatchObject({ data: { hits: [{ type: 'counter', help: 'Visits.' }] } })
    expect(await get('/api/v1/status/buildinfo')).toMatchObject({ data: { goVersion: expect.stringMatching(/^go/) } })
    expect((await request(`${metrics.url}/-/ready`)).statusCode).toBe(200)
    const { body, statusCode } = await request(`${metrics.url}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'query=1%2B',
    })
    expect([statusCode, await body.json()]).toMatchObject([400, { errorType: 'bad_data' }])
  })
})

describeReal('a Prometheus that the lab starts', () => {
  it('takes stale markers, and leaves out what it refuses alone', async () => {
    const home = mkdtempSync(join(tmpdir(), 'lab-'))
    let server: PrometheusServer | undefined
    try {
      server = await startPrometheus(new Launcher(home), home, '127.0.0.1')
      const refused: string[] = []
      const writer = new RemoteWriter(server.url, (why) => refused.push(why))
      const now = Date.now()
      const many = Array.from({ length: 3000 }, (_, i) => identify({ __name__: 'many', i: String(i), ü: 'é"\n' }))
      for (const identity of many) writer.append(identity, now, Number.NaN)
      writer.append(identify({ __name__: 'm' }), now, 1.5)
      writer.append(identify({ __name__: 'ended' }), now - 10, 1)
      writer.appendStale(identify({ __name__: 'ended' }), now)
      await writer.flushed()
      writer.append(identify({ __name__: 'm' }), now - 5, 1)
      writer.append(identify({ __name__: 'other' }), now, 2)
      await writer.flushed()
      const values = async (name: string) => (await query(server?.url ?? '', name)).map(({ value }) => value[1])
      expect(await values('m')).toEqual(['1.5'])
      expect(await values('other')).toEqual(['2'])
      expect(await values('ended')).toEqual([])
      expect(await values('count(many)')).toEqual(['3000'])
      expect((await query(server.url, 'many{i="7"}'))[0]).toMatchObject({
        metric: { ü: 'é"\n' },
        value: [expect.any(Number), 'NaN'],
      })
      expect(refused).toEqual([expect.stringContaining('out of order')])
      await writer.close()
    } finally {
      await server?.stop()
      expect(existsSync(join(home, 'prometheus'))).toBe(false)
      rmSync(home, { recursive: true, force: true })
    }
  })
})

it('samples are sent again until they are taken', async () => {
  let asked = 0
  const sizes: number[] = []
  const receiver = createServer(async (incoming, response) => {
    asked++
    if (asked === 1) return incoming.destroy()
    sizes.push((await text(incoming)).length)
    response.writeHead(asked === 2 ? 503 : 204).end()
  })
  const port = await listenOnLoopback(receiver)
  const writer = new RemoteWriter(`http://127.0.0.1:${port}`, expect.unreachable)
  writer.append(identify({ __name__: 'm' }), 1, 1)
  writer.append(identify({ __name__: 'm' }), 2, 2)
  await writer.flushed()
  expect([asked, new Set(sizes).size]).toEqual([3, 1])
  await writer.close()
  receiver.close()
})

it('where no prometheus is installed, that is said', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lab-'))
  const path = process.env.PATH
  process.env.PATH = home
  try {
    await expect(startPrometheus(new Launcher(home), home, '127.0.0.1')).rejects.toMatchObject({
      code: 'CHAOS_LAB_NO_PROMETHEUS',
      verdict: 'usage',
      message: expect.stringContaining('apt-get install prometheus'),
    })
  } finally {
    process.env.PATH = path
    rmSync(home, { recursive: true, force: true })
  }
})

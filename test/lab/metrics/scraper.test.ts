import { gzipSync } from 'node:zlib'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Stored } from '../../../src/lab/client/index.ts'
import { labelMatcher } from '../../../src/lab/metrics/matchers.ts'
import { Scraper } from '../../../src/lab/metrics/scraper.ts'
import { Storage } from '../../../src/lab/metrics/storage.ts'
import { targetOf } from '../../../src/lab/metrics/target.ts'
import { until } from '../../prometheus/processes.ts'
import { type Page, podAt, servePage } from './pages.ts'
import { samplesBetween, valueAt } from './reading.ts'

let storage: Storage
let scraper: Scraper
let page: Page

/** So many milliseconds ago there was nothing yet. */
const everMs = 0

beforeEach(async () => {
  storage = new Storage()
  scraper = new Scraper(storage, { intervalMs: 50, timeoutMs: 1000 })
  page = await servePage('hits 1\nerrors{code="500"} 2\n')
})

afterEach(async () => {
  await scraper.stop()
  await page.close()
})

function select(name: string) {
  return storage.select([labelMatcher('__name__', '=', name)])
}

/** The value that counts now. */
function valueNow(name: string): number | undefined {
  return valueAt(select(name)[0], Date.now(), everMs)
}

function samplesOf(name: string) {
  return select(name).flatMap((series) => samplesBetween(series, everMs, Date.now()))
}

describe('a pod that asks for it', () => {
  it('is scraped again and again, with the labels of its target', async () => {
    scraper.podChanged(undefined, podAt(page.port))
    await until('it was scraped three times', () => samplesOf('hits').length >= 3)
    expect(select('errors')[0]?.labels).toEqual({
      __name__: 'errors',
      code: '500',
      job: 'kubernetes-pods',
      instance: `127.0.0.1:${page.port}`,
      namespace: 'shop',
      pod: 'web-1',
      node: 'lab-node-1',
    })
    expect(valueNow('up')).toBe(1)
    expect(valueNow('scrape_duration_seconds')).toBeGreaterThan(0)
    expect(scraper.targets()[0]?.health).toMatchObject({ health: 'up', lastError: '' })
    const times = samplesOf('up').map(({ at }) => at)
    expect(times).toEqual(samplesOf('hits').map(({ at }) => at))
  })

  it('keeps its own labels under another name where the target has them', async () => {
    page.text = 'hits{pod="mine"} 1\n'
    scraper.podChanged(undefined, podAt(page.port))
    await until('it was scraped', () => select('hits').length > 0)
    expect(select('hits')[0]?.labels).toMatchObject({ pod: 'web-1', exported_pod: 'mine' })
  })

  it('has no value of a series that vanished, until it is there again', async () => {
    scraper.podChanged(undefined, podAt(page.port))
    await until('the errors are there', () => valueNow('errors') === 2)
    page.text = 'hits 2\n'
    await until('the errors are gone', () => valueNow('errors') === undefined)
    expect(valueNow('up')).toBe(1)
    page.text = 'errors{code="500"} 3\n'
    await until('the errors are back', () => valueNow('errors') === 3)
    await until('the hits are gone', () => valueNow('hits') === undefined)
  })

  it.each([
    ['an error status', undefined, 'HTTP status 500'],
    ['no exposition', 'hits 1\n<html>\n', 'line 2: expected the name of a metric'],
  ])('is down when it answers %s', async (_, text, error) => {
    scraper.podChanged(undefined, podAt(page.port))
    await until('it is up', () => valueNow('hits') === 1)
    page.text = text
    await until('it is down', () => valueNow('up') === 0)
    expect([valueNow('hits'), valueNow('errors')]).toEqual([undefined, undefined])
    expect(scraper.targets()[0]?.health).toMatchObject({ health: 'down', lastError: expect.stringContaining(error) })
    page.text = 'hits 5\n'
    await until('it is up again', () => valueNow('hits') === 5)
  })

  it('is down when it does not answer in time', async () => {
    await scraper.stop()
    scraper = new Scraper(storage, { intervalMs: 50, timeoutMs: 50 })
    page.silent = true
    scraper.podChanged(undefined, podAt(page.port))
    await until('it is down', () => valueNow('up') === 0)
    expect(scraper.targets()[0]?.health.lastError).toContain('timeout')
  })

  it('has no value of anything once it is deleted', async () => {
    const pod = podAt(page.port)
    scraper.podChanged(undefined, pod)
    await until('it is up', () => valueNow('up') === 1)
    scraper.podChanged(pod, undefined)
    await until('everything is gone', () =>
      ['up', 'hits', 'scrape_duration_seconds'].every((name) => valueNow(name) === undefined),
    )
    expect(scraper.targets()).toEqual([])
    expect(samplesOf('up').every(({ value }) => value === 1)).toBe(true)
  })

  it('may answer in OpenMetrics, and compressed', async () => {
    page.headers = {
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'content-encoding': 'gzip',
    }
    page.encode = gzipSync
    page.text = '# TYPE hits counter\n# HELP hits Visits.\nhits_total 4 # {trace_id="1"} 1\n# EOF\n'
    scraper.podChanged(undefined, podAt(page.port))
    await until('it is scraped', () => valueNow('hits_total') === 4)
    expect(page.asked['accept-encoding']).toBe('gzip')
    expect(page.asked.accept).toContain('application/openmetrics-text')
    expect(scraper.metadata.entries()).toEqual([['hits', [{ type: 'counter', help: 'Visits.', unit: '' }]]])
    page.text = 'hits_total 5\n'
    await until('one that was cut off does not count', () => valueNow('up') === 0)
    expect(scraper.targets()[0]?.health.lastError).toBe('line 1: expected # EOF, found the end')
  })

  it('is down when it answers in an encoding that was not asked for', async () => {
    page.headers = { 'content-encoding': 'br' }
    scraper.podChanged(undefined, podAt(page.port))
    await until('it is down', () => valueNow('up') === 0)
    expect(scraper.targets()[0]?.health.lastError).toContain('the content encoding br')
  })

  it('may say of a sample when it was: it stays when it is not exposed again', async () => {
    const at = Date.now() - 60_000
    page.text = `old 1 ${at}\nhits 1\nfuture 1 ${Date.now() + 3_600_000}\n`
    scraper.podChanged(undefined, podAt(page.port))
    await until('it is scraped', () => valueNow('hits') === 1)
    page.text = 'hits 2\n'
    await until('it is scraped again', () => valueNow('hits') === 2)
    expect(samplesOf('old')).toEqual([{ at, value: 1 }])
    expect(valueNow('old')).toBe(1)
    expect(select('future')).toEqual([])
  })

  it('has series that say how its scrapes went', async () => {
    scraper.podChanged(undefined, podAt(page.port))
    await until('it was scraped twice', () => samplesOf('up').length >= 2)
    expect(
      samplesOf('scrape_series_added')
        .slice(0, 2)
        .map(({ value }) => value),
    ).toEqual([2, 0])
    expect(valueNow('scrape_samples_scraped')).toBe(2)
    expect(valueNow('scrape_samples_post_metric_relabeling')).toBe(2)
  })

  it('is another target when another pod has its name', async () => {
    const [old, young] = [podAt(page.port), podAt(page.port, { uid: 'uid-2' })]
    scraper.podChanged(undefined, old)
    const [first] = scraper.targets()
    scraper.podChanged(old, young)
    expect(scraper.targets()).toHaveLength(1)
    expect(scraper.targets()[0]).not.toBe(first)
  })
})

describe('a pod that ends', () => {
  const rare = { intervalMs: 600_000, timeoutMs: 1000 }
  const deletionTimestamp = '2026-01-01T00:00:00Z'

  it('is scraped once more at once', async () => {
    await scraper.stop()
    scraper = new Scraper(storage, rare)
    const pod = podAt(page.port)
    scraper.podChanged(undefined, pod)
    expect(page.scrapes).toBe(0)
    page.text = 'hits 7\n'
    scraper.podChanged(pod, podAt(page.port, { deletionTimestamp }))
    await until('its last count is known', () => valueNow('hits') === 7)
    expect(page.scrapes).toBe(1)
  })

  it('ends without being down', async () => {
    const pod = podAt(page.port)
    scraper.podChanged(undefined, pod)
    await until('it is up', () => valueNow('up') === 1)
    scraper.podChanged(pod, podAt(page.port, { deletionTimestamp }))
    await page.close()
    await until('it is gone', () => valueNow('up') === undefined && valueNow('hits') === undefined)
    expect(samplesOf('up').every(({ value }) => value === 1)).toBe(true)
  })
})

describe('the target of a pod', () => {
  it('is at the address of the pod on this machine', () => {
    const { metadata } = podAt(8000)
    const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/path': 'stats?all=1' }
    const pod: Stored<Pod> = {
      metadata: { ...metadata, annotations },
      spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
      status: { podIP: '198.18.64.7', phase: 'Running' },
    }
    expect(targetOf(pod)).toMatchObject({
      url: 'http://127.18.64.7:8080/stats?all=1',
      labels: { instance: '198.18.64.7:8080' },
    })
  })

  it.each([
    ['is not annotated', { annotations: {} }, {}],
    ['says no', { annotations: { 'prometheus.io/scrape': 'false', 'prometheus.io/port': '1' } }, {}],
    ['has no port', { annotations: { 'prometheus.io/scrape': 'true' } }, {}],
    ['has no address', {}, { podIP: '' }],
    ['has ended', {}, { phase: 'Failed' }],
  ])('is none where it %s', (_, metadata, status) => {
    const pod = podAt(8000)
    expect(targetOf({ ...pod, metadata: { ...pod.metadata, ...metadata }, status: { ...pod.status, ...status } })).toBe(
      undefined,
    )
  })
})

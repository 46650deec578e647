import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Stored } from '../../../src/lab/client/index.ts'
import { labelMatcher } from '../../../src/lab/metrics/matchers.ts'
import { Scraper } from '../../../src/lab/metrics/scraper.ts'
import { Storage } from '../../../src/lab/metrics/storage.ts'
import { targetOf } from '../../../src/lab/metrics/target.ts'
import { until } from '../../prometheus/processes.ts'
import { type Page, podAt, servePage } from './pages.ts'

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
  return select(name)[0]?.valueAt(Date.now(), everMs)
}

function samplesOf(name: string) {
  return select(name).flatMap((series) => series.between(everMs, Date.now()))
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

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Stored } from '../../../../src/lab/client/index.ts'
import { Launcher } from '../../../../src/lab/kubelet/index.ts'
import { RemoteWriter } from '../../../../src/lab/metrics/backend/remote-writer.ts'
import { startPrometheus } from '../../../../src/lab/metrics/backend/server.ts'
import { serveApi } from '../../../../src/lab/metrics/http.ts'
import { Scraper } from '../../../../src/lab/metrics/scraper.ts'
import type { SampleSink } from '../../../../src/lab/metrics/sink.ts'
import { Storage } from '../../../../src/lab/metrics/storage.ts'
import { systemClock } from '../../../../src/support/clock.ts'
import { isPrometheusInstalled } from '../../../prometheus/processes.ts'
import { podAt } from '../pages.ts'
import { type Answer, ask, difference, isClose, samplesOf, valuesOf } from './answers.ts'
import { before251 } from './extrapolation.ts'
import { beforeVersion3, extrapolated, refused, sameInAllVersions } from './queries.ts'

/** How many times after each other a query is asked for, and how far apart: never on a sample or a multiple of a step. */
const instants = 6
const apartMs = 1237

describe.skipIf(!isPrometheusInstalled && !process.env.CI)(
  'the lab and a real Prometheus, with the same samples (skipped where prometheus is not installed)',
  () => {
    const ending: (() => Promise<unknown> | unknown)[] = []
    const storage = new Storage()
    let urls: { lab: string; real: string }
    let end = 0
    let isBefore3 = true

    beforeAll(async () => {
      const home = mkdtempSync(join(tmpdir(), 'side-by-side-'))
      ending.push(() => rmSync(home, { recursive: true, force: true }))
      const real = await startPrometheus(new Launcher(home), home, '127.0.0.1')
      ending.push(real.stop)
      const writer = new RemoteWriter(real.url, expect.unreachable)
      ending.push(() => writer.close())
      const scraper = new Scraper(both(storage, writer), { intervalMs: 200, timeoutMs: 1000 })
      ending.push(() => scraper.stop())
      const lab = await serveApi({ storage, scraper, clock: systemClock }, '127.0.0.1', 0)
      ending.push(lab.close)
      urls = { lab: lab.url, real: real.url }
      const { version } = (await ask(real.url, 'status/buildinfo', {})).data as { version: string }
      isBefore3 = Number.parseInt(version, 10) < 3

      await lives(scraper, ending)
      // What stopping writes is later than that.
      end = Date.now() - 1
      await scraper.stop()
      await writer.flushed()
    }, 240_000)

    afterAll(async () => {
      for (const step of ending.reverse()) await step()
    })

    const times = () => Array.from({ length: instants }, (_, i) => end - i * apartMs)
    const bothAnswers = (path: string, { query, ...parameters }: Record<string, string>) =>
      Promise.all([
        ask(urls.lab, path, { ...parameters, ...(query === undefined ? {} : { query }) }),
        ask(urls.real, path, {
          ...parameters,
          ...(query === undefined ? {} : { query: isBefore3 ? beforeVersion3(query) : query }),
        }),
      ])

    it.each(sameInAllVersions)('%s', async (query) => {
      let values = 0
      for (const time of times()) {
        const [lab, real] = await bothAnswers('query', { query, time: String(time / 1000) })
        expect(real.status, JSON.stringify(real)).toBe('success')
        expect(difference(lab, real)).toBeUndefined()
        values += sizeOf(real)
      }
      // Two empty answers tell nothing.
      expect(values).toBeGreaterThan(0)
    })

    it.each(sameInAllVersions.filter((query) => !/^"|\]$|\] offset \w+$/.test(query)))(
      'over a range: %s',
      async (query) => {
        const range = { start: String((end - 7000) / 1000), end: String(end / 1000), step: '0.511' }
        const [lab, real] = await bothAnswers('query_range', { query, ...range })
        expect(real.status, JSON.stringify(real)).toBe('success')
        expect(difference(lab, real)).toBeUndefined()
      },
    )

    it.each(extrapolated)('$meaning of $selector in $seconds s', async ({ meaning, selector, seconds }) => {
      let [agreeing, compared] = [0, 0]
      for (const at of times()) {
        const time = String(at / 1000)
        const query = `${meaning}(${selector}[${seconds}s])`
        const [lab, real] = [
          await ask(urls.lab, 'query', { query, time }),
          await ask(urls.real, 'query', { query, time }),
        ]
        const raw = await ask(urls.real, 'query', { query: `${selector}[${seconds}s]`, time })
        const [found, expected] = [valuesOf(lab), valuesOf(real)]
        for (const [key, samples] of samplesOf(raw)) {
          const labels = JSON.stringify(JSON.parse(key).filter(([name]: [string]) => name !== '__name__'))
          if (samples.length < 2) continue
          compared++
          if (isClose(found.get(labels), expected.get(labels))) agreeing++
          // Where they differ, the real one answers what its version would.
          else expect(expected.get(labels)).toBeCloseTo(before251(meaning, samples, at, seconds), 9)
        }
      }
      expect(compared).toBeGreaterThan(0)
      expect(agreeing).toBeGreaterThan(0)
    })

    it.each(refused)('both refuse %s', async (query) => {
      const [lab, real] = await bothAnswers('query', { query, time: String(end / 1000) })
      expect([lab.status, lab.errorType]).toEqual([real.status, real.errorType])
      expect(real.status).toBe('error')
    })

    it.each([
      ['series', { 'match[]': 'orders_total{code="500"}' }],
      ['labels', {}],
      ['label/__name__/values', {}],
      ['label/code/values', { 'match[]': 'orders_total' }],
    ])('the same %s %o', async (path, parameters) => {
      const [lab, real] = await bothAnswers(path, parameters)
      expect(inOrder(lab.data)).toEqual(inOrder(real.data))
    })
  },
)

function both(...sinks: SampleSink[]): SampleSink {
  return {
    append: (...sample) => sinks.forEach((sink) => void sink.append(...sample)),
    appendStale: (...sample) => sinks.forEach((sink) => void sink.appendStale(...sample)),
  }
}

/** The lives of three pods: one is steady, one is born late and deleted, one is killed and begins again from zero. */
async function lives(scraper: Scraper, ending: (() => void)[]): Promise<void> {
  const steady = new Shop('127.77.0.1')
  const born = new Shop('127.77.0.2')
  const killed = new Shop('127.77.0.3')
  ending.push(() => [steady, born, killed].forEach((shop) => void shop.kill()))
  await Promise.all([steady.open(), killed.open()])
  scraper.podChanged(undefined, steady.pod)
  scraper.podChanged(undefined, killed.pod)
  await busy([steady, killed], 2000)
  await born.open()
  scraper.podChanged(undefined, born.pod)
  await busy([steady, born, killed], 2000)
  killed.kill()
  await busy([steady, born], 1000)
  await killed.open()
  await busy([steady, born, killed], 2000)
  scraper.podChanged(born.pod, undefined)
  await busy([steady, killed], 1500)
}

/** A shop in a process of its own. On an address of its own, too: nobody else takes its port while it is away. */
class Shop {
  readonly #address: string
  #port = 0
  #process: ChildProcess | undefined

  constructor(address: string) {
    this.#address = address
  }

  get url(): string {
    return `http://${this.#address}:${this.#port}`
  }

  get pod(): Stored<Pod> {
    const { metadata, status, ...rest } = podAt(this.#port, { uid: this.#address })
    const name = `shop-${this.#address.at(-1)}`
    return { ...rest, metadata: { ...metadata, name }, status: { ...status, podIP: this.#address } }
  }

  /** Where it was before, if it was. @throws when it ends before it listens */
  async open(): Promise<void> {
    const program = fileURLToPath(new URL('./shop.ts', import.meta.url))
    const args = [program, this.#address, String(this.#port)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the shop ended with ${code}`)))
    const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer]
    this.#port = Number(said)
  }

  kill(): void {
    this.#process?.kill('SIGKILL')
  }
}

/** Orders for a while: some fail, the first of them late, and some are slow. */
async function busy(shops: readonly Shop[], forMs: number): Promise<void> {
  const until = Date.now() + forMs
  for (let i = 0; Date.now() < until; i++) {
    const code = i % 7 === 6 ? 500 : 200
    const order = new URLSearchParams({
      code: String(code),
      path: i % 3 === 0 ? '/b' : '/a',
      seconds: String((i % 13) / 10),
    })
    const stock = i % 11 === 10 ? 'NaN' : String(3 - (i % 5) * 1.5)
    for (const { url } of shops) {
      await send(`${url}/order?${order}`)
      await send(`${url}/stock?value=${stock}`)
    }
    await delay(40)
  }
}

async function send(url: string): Promise<void> {
  const { body } = await request(url)
  await body.dump()
}

function sizeOf({ data }: Answer): number {
  const { result } = data as { result: unknown[] }
  return result.length
}

function inOrder(data: unknown): string[] {
  return (data as object[])
    .map((each) => JSON.stringify(each, typeof each === 'object' ? Object.keys(each).sort() : undefined))
    .sort()
}

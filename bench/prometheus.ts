import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { Launcher } from '../src/lab/kubelet/index.ts'
import { RemoteWriter } from '../src/lab/metrics/backend/remote-writer.ts'
import { startPrometheus } from '../src/lab/metrics/backend/server.ts'
import { startPrometheus as startScrapingPrometheus, until } from '../test/prometheus/processes.ts'
import { writeSamples } from './prometheus/data.ts'
import { cpuShareOf, memoryOf, serveExporters, startLabProcess } from './prometheus/processes.ts'

interface Figure {
  name: string
  value: number
  unit: string
}

const targets = 50
const seriesOfTarget = 60
const cpuOverMs = 10_000
const rangeSteps = 540

/** The lab's metrics beside a real Prometheus in the same run: what queries take, and what scraping costs. */
export async function* measure(): AsyncIterable<Figure> {
  yield* queries()
  yield* scraping()
}

/** Both have the same samples. Each query is asked in turn, so that both see the same machine; medians. */
async function* queries(): AsyncIterable<Figure> {
  const endMs = Date.now() - 1000
  const home = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  const lab = await startLabProcess({ samplesUntilMs: endMs })
  const real = await startPrometheus(new Launcher(home), home, '127.0.0.1')
  try {
    const writer = new RemoteWriter(real.url, (why) => console.error(why))
    writeSamples(writer, endMs)
    await writer.flushed()
    await writer.close()
    const time = String(endMs / 1000)
    const range = { start: String(endMs / 1000 - rangeSteps + 1), end: time, step: '1' }
    const rate = 'sum by (pod) (rate(http_requests_total[1m]))'
    const ratio = 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'
    const asked = [
      ['instant_selector', 'query', { query: 'http_requests_total', time }, 100],
      ['instant_rate', 'query', { query: rate, time }, 100],
      ['instant_error_ratio', 'query', { query: ratio, time }, 100],
      ['range_sum', 'query_range', { query: 'sum by (code) (http_requests_total)', ...range }, 25],
      ['range_rate', 'query_range', { query: rate, ...range }, 25],
      ['range_selector', 'query_range', { query: 'http_requests_total', ...range }, 10],
    ] as const
    for (const [name, path, parameters, rounds] of asked) {
      const times = await inTurn([lab.url, real.url], path, parameters, rounds)
      yield { name: `${name}_lab`, value: times[0] ?? Number.NaN, unit: 'ms' }
      yield { name: `${name}_prometheus`, value: times[1] ?? Number.NaN, unit: 'ms' }
    }
  } finally {
    await lab.stop()
    await real.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

/** The medians of the servers, in milliseconds, after as many rounds again to warm up. */
async function inTurn(
  urls: readonly string[],
  path: string,
  parameters: Record<string, string>,
  rounds: number,
): Promise<number[]> {
  const times: number[][] = urls.map(() => [])
  for (let round = -rounds; round < rounds; round++) {
    for (const [i, url] of urls.entries()) {
      const startedAt = performance.now()
      const { body, statusCode } = await request(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`${url}: ${text}`)
      if (round >= 0) times[i]?.push(performance.now() - startedAt)
    }
  }
  return times.map(median)
}

/** One after the other on the same exporters: the CPU that each takes, and the memory that it holds then. */
async function* scraping(): AsyncIterable<Figure> {
  const exporters = await serveExporters(targets, seriesOfTarget)
  try {
    const lab = await startLabProcess({ ports: exporters.ports })
    yield* costs('lab', lab)
    await lab.stop()
    const real = await startScrapingPrometheus({ ports: exporters.ports })
    yield* costs('prometheus', real)
    await real.stop()
  } finally {
    exporters.close()
  }
}

async function* costs(who: string, { url, pid }: { url: string; pid: number }): AsyncIterable<Figure> {
  await until('all targets are up', async () => {
    const answer = await request(`${url}/api/v1/query?query=sum(up)`).catch(() => undefined)
    const text = (await answer?.body.text()) ?? ''
    return text.includes(`"${targets}"`)
  })
  yield { name: `scrape_${targets}_targets_${who}`, value: await cpuShareOf(pid, cpuOverMs), unit: '%' }
  yield { name: `memory_after_scraping_${who}`, value: memoryOf(pid), unit: 'MB' }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

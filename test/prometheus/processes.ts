import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'

/** Polls until it is so. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, limitMs = 20_000) {
  const giveUpAt = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`in vain: waited ${limitMs} ms until ${what}`)
    await delay(20)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

export interface Exporter {
  port: number
  count(code: number, times: number, path?: string): Promise<void>
  /** What its users are answered from now on. */
  answerWith(status: number): Promise<void>
  /** It is scraped no more: what it counts from now on nobody sees. */
  hide(): Promise<void>
  kill(): Promise<void>
}

/** A process with a counter. */
export async function startExporter(port: number, options: { timestamps?: boolean } = {}): Promise<Exporter> {
  const program = fileURLToPath(new URL('./exporter.ts', import.meta.url))
  const args = [program, String(port), ...(options.timestamps ? ['timestamps'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const ask = async (path: string) => {
    const { body } = await request(`http://127.0.0.1:${port}${path}`)
    await body.dump()
  }
  return {
    port,
    count: (code, times, path = '/') => ask(`/count?code=${code}&times=${times}&path=${path}`),
    answerWith: (status) => ask(`/set?status=${status}`),
    hide: () => ask('/hide'),
    kill: () => kill(child),
  }
}

export interface PrometheusSetup {
  /** Scraped five times a second, as the job `pods`. */
  ports?: readonly number[]
  /** More jobs, as `scrape_configs` has them. */
  jobs?: readonly object[]
  /** Who may ask, and over what: its `web.config.file`, with the files that this names. */
  web?: { config: object; files: Record<string, string> }
}

export const isPrometheusInstalled = spawnSync('prometheus', ['--version']).status === 0

/** A real Prometheus. */
export async function startPrometheus({ ports = [], jobs = [], web }: PrometheusSetup) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const port = await freePort()
  const pods = { job_name: 'pods', static_configs: [{ targets: ports.map((target) => `127.0.0.1:${target}`) }] }
  const config = {
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [...(ports.length > 0 ? [pods] : []), ...jobs],
  }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  for (const [name, text] of Object.entries(web?.files ?? {})) writeFileSync(join(folder, name), text)
  if (web) writeFileSync(join(folder, 'web.yml'), JSON.stringify(web.config))
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(web ? [`--web.config.file=${join(folder, 'web.yml')}`] : []),
    ],
    { stdio: 'ignore' },
  )
  return {
    folder,
    url: `${web ? 'https' : 'http'}://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: async () => {
      await kill(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

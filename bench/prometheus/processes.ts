import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listenOnLoopback } from '../../test/traffic/loopback.ts'
import type { LabTask } from './lab-process.ts'

export interface LabProcess {
  url: string
  pid: number
  stop(): Promise<void>
}

export async function startLabProcess(task: LabTask): Promise<LabProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./lab-process.ts', import.meta.url)), [JSON.stringify(task)])
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

export interface Exporters {
  ports: readonly number[]
  close(): void
}

/** Exporters in this process, each with so many series. */
export async function serveExporters(count: number, seriesOfEach: number): Promise<Exporters> {
  let scrapes = 0
  const servers: Server[] = []
  const ports: number[] = []
  for (let i = 0; i < count; i++) {
    const server = createServer((_, response) => {
      scrapes++
      const lines = Array.from(
        { length: seriesOfEach },
        (_, series) => `http_requests_total{path="/path-${series}",code="200"} ${scrapes * series}\n`,
      )
      response.end(`# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n${lines.join('')}`)
    })
    servers.push(server)
    ports.push(await listenOnLoopback(server))
  }
  return {
    ports,
    close: () => {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

/** The share of one core that a process takes, in per cent. */
export async function cpuShareOf(pid: number, overMs: number): Promise<number> {
  const [before, startedAt] = [cpuMs(pid), performance.now()]
  await delay(overMs)
  return ((cpuMs(pid) - before) / (performance.now() - startedAt)) * 100
}

/** In hundredths of a second, as Linux counts on all architectures of today. */
const tickMs = 10

function cpuMs(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? ''
  const [user, system] = afterName.split(' ').slice(11, 13).map(Number)
  return ((user ?? 0) + (system ?? 0)) * tickMs
}

/** The memory that a process holds, in MB. */
export function memoryOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

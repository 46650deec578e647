import { spawn } from 'node:child_process'
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, vi } from 'vitest'
import { type ApiClient, namespaces } from '../../src/lab/client/index.ts'
import { identityOf, isRunning, type ProcessIdentity } from '../../src/support/processes.ts'
import { clusterSettings } from './settings.ts'

/** The API server of the real cluster, by the file that holds its pid. It runs again when the test ends. */
export class ApiServer {
  readonly #pidFile = clusterSettings().apiServerPidFile ?? ''
  readonly #client: ApiClient
  readonly #start: () => number
  #process: ProcessIdentity

  constructor(client: ApiClient) {
    this.#client = client
    this.#process = identified(Number(readFileSync(this.#pidFile, 'utf8')))
    this.#start = starterOf(this.#process.pid)
    onTestFinished(() => this.start())
  }

  /** Ends it at once, as a machine does that loses power. Resolves when it is gone. */
  async kill(): Promise<void> {
    process.kill(this.#process.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(this.#process)).toBe(false), { timeout: 10_000, interval: 20 })
  }

  /** Resolves when it answers. One that runs is left alone. */
  async start(): Promise<void> {
    if (!isRunning(this.#process)) {
      this.#process = identified(this.#start())
      writeFileSync(this.#pidFile, `${this.#process.pid}\n`)
    }
    await vi.waitFor(() => this.#client.get(namespaces, { name: 'kube-system' }), { timeout: 120_000, interval: 200 })
  }
}

function identified(pid: number): ProcessIdentity {
  const identity = identityOf(pid)
  if (identity) return identity
  throw new Error(`The API server does not run as process ${pid}.`)
}

/** Starts a program once more as a process was started: with its arguments, its environment, its folder and its log. */
function starterOf(pid: number): () => number {
  const listIn = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1)
  const [program = '', ...args] = listIn('cmdline')
  const env = Object.fromEntries(listIn('environ').map((entry) => entry.split(/=(.*)/s, 2)))
  const cwd = readlinkSync(`/proc/${pid}/cwd`)
  const logPath = readlinkSync(`/proc/${pid}/fd/1`)
  return () => {
    const log = openSync(logPath, 'a')
    const started = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', log, log] })
    started.unref()
    return started.pid ?? 0
  }
}

import { spawn } from 'node:child_process'
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, vi } from 'vitest'
import { type ApiClient, namespaces } from '../../src/lab/client/index.ts'
import { identityOf, isRunning } from '../../src/support/processes.ts'
import { clusterSettings } from './settings.ts'

/** The API server of the real cluster, by the file that holds its pid. It runs again when the test ends. */
export class ApiServer {
  readonly #pidFile: string
  readonly #client: ApiClient
  readonly #start: () => number

  constructor(client: ApiClient) {
    this.#pidFile = clusterSettings().apiServerPidFile ?? ''
    this.#client = client
    this.#start = starterOf(this.#pid)
    onTestFinished(() => this.start())
  }

  /** Ends it at once, as a machine does that loses power. Resolves when it is gone. */
  async kill(): Promise<void> {
    const identity = identityOf(this.#pid)
    if (!identity) throw new Error(`The API server of ${this.#pidFile} does not run.`)
    process.kill(identity.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(identity)).toBe(false), { timeout: 10_000, interval: 20 })
  }

  /** Resolves when it answers. One that runs is left alone. */
  async start(): Promise<void> {
    if (!identityOf(this.#pid)) writeFileSync(this.#pidFile, `${this.#start()}\n`)
    await vi.waitFor(() => this.#client.get(namespaces, { name: 'kube-system' }), { timeout: 120_000, interval: 200 })
  }

  get #pid(): number {
    return Number(readFileSync(this.#pidFile, 'utf8'))
  }
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

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { identityOf, isRunning, type ProcessIdentity } from '../../src/support/processes.ts'
import { clusterSettings } from './settings.ts'

/** A server of the real cluster on this machine, by the file that holds its pid. Who kills it starts it again. */
export class ClusterServer {
  readonly #pidFile: string
  readonly #program: Program
  #process: ProcessIdentity

  constructor(name: 'apiserver' | 'controller-manager' | 'scheduler') {
    this.#pidFile = join(clusterSettings().pidFolder ?? '', `${name}.pid`)
    this.#process = identified(Number(readFileSync(this.#pidFile, 'utf8')))
    this.#program = programOf(this.#process.pid)
  }

  /** Ends it at once, as a machine does that loses power. Resolves when it is gone. */
  async kill(): Promise<void> {
    process.kill(this.#process.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(this.#process)).toBe(false), { timeout: 10_000, interval: 20 })
  }

  /** One that runs is left alone. */
  start(): void {
    if (isRunning(this.#process)) return
    const child = spawnProgram(this.#program, { log: openSync(this.#program.logPath, 'a'), detached: true })
    child.unref()
    this.#process = identified(child.pid ?? 0)
    writeFileSync(this.#pidFile, `${this.#process.pid}\n`)
  }

  /** Another one, which does not outlive this process: of its arguments and these, the last count. Its log is in a file. */
  startAnother(args: readonly string[], logPath: string): ChildProcess {
    const { path, args: own } = this.#program
    const program = { ...this.#program, path: 'setpriv', args: ['--pdeathsig', 'KILL', path, ...own, ...args] }
    return spawnProgram(program, { log: openSync(logPath, 'w') })
  }
}

/** How a process was started: its arguments, its environment, its folder and its log. */
interface Program {
  path: string
  args: readonly string[]
  env: Record<string, string | undefined>
  cwd: string
  logPath: string
}

function programOf(pid: number): Program {
  const listIn = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1)
  const [path = '', ...args] = listIn('cmdline')
  const env = Object.fromEntries(listIn('environ').map((entry) => entry.split(/=(.*)/s, 2)))
  return { path, args, env, cwd: readlinkSync(`/proc/${pid}/cwd`), logPath: readlinkSync(`/proc/${pid}/fd/1`) }
}

function spawnProgram(
  { path, args, env, cwd }: Program,
  { log, detached = false }: { log: number; detached?: boolean },
): ChildProcess {
  try {
    return spawn(path, args, { env, cwd, detached, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

function identified(pid: number): ProcessIdentity {
  const identity = identityOf(pid)
  if (identity) return identity
  throw new Error(`The server of the cluster does not run as process ${pid}.`)
}

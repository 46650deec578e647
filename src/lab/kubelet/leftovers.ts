import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { privateFile } from '../../support/files.ts'
import { startTicksOf } from '../../support/processes.ts'

/**
 * The variable that each process of a pod carries, and hands down to those that it starts: the home of its lab. By it a
 * process is found whatever group or session it has gone to.
 */
export const ownerVariable = 'LAB_OWNER'

/** The variable that tells the processes of one container from those of another. */
export const containerVariable = 'LAB_CONTAINER'

/**
 * The process groups that a lab has started, as files in its home: what to kill when the lab is gone. A process is
 * named by its id and its start time, since ids are used again.
 */
export class ProcessLedger {
  readonly #folder: string

  constructor(home: string) {
    this.#folder = ledgerFolder(home)
    mkdirSync(this.#folder, { recursive: true })
  }

  add(pid: number): void {
    writeFileSync(join(this.#folder, String(pid)), startTicksOf(pid) ?? '', { mode: privateFile })
  }

  remove(pid: number): void {
    rmSync(join(this.#folder, String(pid)), { force: true })
  }
}

/**
 * Kills whatever processes of pods are left of a dead lab: the groups in its ledger, and every process that carries
 * its mark. Does nothing where nothing is left. Not to be called while the lab of that home lives.
 *
 * A process can escape it only by giving up both its process group and its environment.
 *
 * @returns how many processes and groups it killed
 */
export function sweep(home: string): number {
  const owner = resolve(home)
  const folder = ledgerFolder(owner)
  const groups = recordsIn(folder).filter(({ pid, startTicks }) => startTicksOf(pid) === startTicks)
  const killed = groups.filter(({ pid }) => kill(-pid)).length + killMarked(ownerVariable, new Set([owner]))
  rmSync(folder, { recursive: true, force: true })
  return killed
}

/**
 * Kills what containers leave behind. To find it, every process of the machine is looked at: once for all containers
 * that end in the same moment, however many these are.
 */
export class ContainerKiller {
  #ids = new Set<string>()
  #killing: Promise<void> | undefined

  /** Resolves when no process is left that carries the mark of the container. */
  killAll(id: string): Promise<void> {
    this.#ids.add(id)
    this.#killing ??= new Promise((resolve) => {
      setImmediate(() => {
        const ids = this.#ids
        this.#ids = new Set()
        this.#killing = undefined
        killMarked(containerVariable, ids)
        resolve()
      })
    })
    return this.#killing
  }
}

/** Kills every process in whose environment the variable has one of the values. Returns how many. */
function killMarked(variable: string, values: ReadonlySet<string>): number {
  let killed = 0
  // A process may have started another since it was looked at: again, until none is found.
  for (let round = 0; round < 10; round++) {
    const found = marked(variable, values)
    if (found.length === 0) return killed
    killed += found.filter((pid) => kill(pid)).length
  }
  return killed
}

/** The processes in whose environment the variable has one of the values, but for this one. */
export function marked(variable: string, values: ReadonlySet<string>): number[] {
  return processIds().filter((pid) => pid !== process.pid && values.has(variableOf(pid, variable) ?? ''))
}

/** Kills a process, or (negative) a process group. Returns whether there was one. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

interface ProcessRecord {
  pid: number
  startTicks: string
}

function ledgerFolder(home: string): string {
  return join(home, 'processes')
}

function recordsIn(folder: string): ProcessRecord[] {
  try {
    return readdirSync(folder).map((name) => ({
      pid: Number(name),
      startTicks: readFileSync(join(folder, name), 'utf8'),
    }))
  } catch {
    return []
  }
}

function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** What a process has in its environment; undefined when it has no such variable, or is not ours to look at. */
function variableOf(pid: number, variable: string): string | undefined {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
    const start = environment.indexOf(`\0${variable}=`)
    if (start < 0) return undefined
    const value = start + variable.length + 2
    return environment.slice(value, environment.indexOf('\0', value))
  } catch {
    return undefined
  }
}

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
  const killed = groups.filter(({ pid }) => kill(-pid)).length + killMarked(ownerVariable, owner)
  rmSync(folder, { recursive: true, force: true })
  return killed
}

/** Kills every process in whose environment the variable has the value. Returns how many. */
export function killMarked(variable: string, value: string): number {
  let killed = 0
  // A process may have started another since it was looked at: again, until none is found.
  for (let round = 0; round < 10; round++) {
    const found = marked(variable, value)
    if (found.length === 0) return killed
    killed += found.filter((pid) => kill(pid)).length
  }
  return killed
}

/** The processes in whose environment the variable has the value, but for this one. */
export function marked(variable: string, value: string): number[] {
  return processIds().filter((pid) => pid !== process.pid && carries(pid, `${variable}=${value}`))
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

function carries(pid: number, assignment: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(`\0${assignment}\0`)
  } catch {
    return false
  }
}

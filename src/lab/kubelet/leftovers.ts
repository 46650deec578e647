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
  const killed = groups.filter(({ pid }) => kill(-pid)).length + killMarked({ owner })
  rmSync(folder, { recursive: true, force: true })
  return killed
}

/**
 * Kills what containers leave behind. To find it, every process of the machine is looked at: once for all containers
 * that end in the same moment, however many these are.
 */
export class ContainerKiller {
  readonly #owner: string
  #ids = new Set<string>()
  #killing: Promise<void> | undefined

  /** @param owner the home of the containers' lab */
  constructor(owner: string) {
    this.#owner = owner
  }

  /** Resolves when no process is left that carries the mark of the container. */
  killAll(id: string): Promise<void> {
    this.#ids.add(id)
    this.#killing ??= new Promise((resolve) => {
      setImmediate(() => {
        const containers = this.#ids
        this.#ids = new Set()
        this.#killing = undefined
        killMarked({ owner: this.#owner, containers })
        resolve()
      })
    })
    return this.#killing
  }
}

/** Whose processes: those of a lab, or of some of its containers. */
export interface Marks {
  /** The home of the lab. */
  owner: string
  /** The ids of the containers; absent: of all, and of what runs beside them. */
  containers?: ReadonlySet<string>
}

/** Kills every process that carries the marks. Returns how many. */
function killMarked(marks: Marks): number {
  let killed = 0
  // A process may have started another since it was looked at: again, until none is found.
  for (let round = 0; round < 10; round++) {
    const found = marked(marks)
    if (found.length === 0) return killed
    killed += found.filter((pid) => kill(pid)).length
  }
  return killed
}

/** The processes that carry the marks, but for this one. */
export function marked({ owner, containers }: Marks): number[] {
  return processIds().filter((pid) => {
    const environment = pid === process.pid ? '' : environmentOf(pid)
    if (valueIn(environment, ownerVariable) !== owner) return false
    return !containers || containers.has(valueIn(environment, containerVariable) ?? '')
  })
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

/** The variables of a process, between zeros; none where it is not ours to look at. */
function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
  } catch {
    return ''
  }
}

function valueIn(environment: string, variable: string): string | undefined {
  const start = environment.indexOf(`\0${variable}=`)
  if (start < 0) return undefined
  const value = start + variable.length + 2
  return environment.slice(value, environment.indexOf('\0', value))
}

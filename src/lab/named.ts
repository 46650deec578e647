import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chaosFolder, createChaosFolder } from '../support/chaos-folder.ts'
import { systemClock } from '../support/clock.ts'
import { privateFile, writeFileAtomically } from '../support/files.ts'
import { identityOf, isRunning, type ProcessIdentity } from '../support/processes.ts'
import { inhabitantOf } from './home.ts'
import { sweep } from './kubelet/leftovers.ts'
import { type Lab, type LabInfo, type LabOptions, startLab } from './process.ts'

/** A lab that a project knows by its name. Its home is a folder of the project, and its name is free again when it ends. */
export type NamedLab = RunningLab | StartingLab | GoneLab

interface LabPlace {
  name: string
  /** Private: its kubeconfig, `lab.json`, and the logs of its pods. */
  home: string
}

export interface RunningLab extends LabPlace {
  state: 'running'
  process: ProcessIdentity
  info: LabInfo
  /** When it was ready: milliseconds since the epoch. */
  startedAt: number
}

/** It is not ready yet. */
export interface StartingLab extends LabPlace {
  state: 'starting'
  process: ProcessIdentity
}

/** Its process has died, and nobody has said `lab down`. */
export interface GoneLab extends LabPlace {
  state: 'gone'
}

/** What a lab may be called, in words. */
export const labNameRule = 'small letters, digits and dashes, at most 40, a letter or a digit first and last'

export function isLabName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)
}

/** Where the labs of a project live. */
function labsFolder(projectRoot: string): string {
  return join(chaosFolder(projectRoot), 'labs')
}

/** What `lab.json` in the home of a named lab holds, from when it is ready. */
type LabRecord = Pick<RunningLab, 'info' | 'process' | 'startedAt'>

const recordName = 'lab.json'

/**
 * Starts a lab that the project finds again by its name. It ends with this process, unless it is let go.
 *
 * @throws what `startLab` throws; CHAOS_LAB_RUNNING (usage) when one of that name lives
 */
export async function startNamedLab(options: Omit<LabOptions, 'home'>): Promise<Lab> {
  createChaosFolder(options.root)
  const home = join(labsFolder(options.root), options.name)
  const lab = await startLab({ ...options, home })
  const { info } = lab
  const process = identityOf(info.pid) ?? { pid: info.pid }
  const record: LabRecord = { info, process, startedAt: systemClock.now() }
  writeFileAtomically(join(home, recordName), JSON.stringify(record, null, 2), privateFile)
  return lab
}

/** The lab of that name; undefined when there is none, nor was. What is left of one that has died is ended. */
export function findNamedLab(projectRoot: string, name: string): NamedLab | undefined {
  const home = join(labsFolder(projectRoot), name)
  if (!isLabName(name) || !existsSync(home)) return undefined
  const inhabitant = inhabitantOf(home)
  const record = recordIn(home)
  if (!inhabitant) {
    sweep(home)
    return record && { state: 'gone', name, home }
  }
  // The record of one that has died stays until the next one of that name is ready.
  if (record?.process.pid !== inhabitant.pid || !isRunning(record.process)) {
    return { state: 'starting', name, home, process: inhabitant }
  }
  return { state: 'running', name, home, ...record }
}

/** All labs that a project knows by name, in the order of their names. */
export function namedLabs(projectRoot: string): NamedLab[] {
  const folder = labsFolder(projectRoot)
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.flatMap((name) => findNamedLab(projectRoot, name) ?? [])
}

/** How long a lab may take to end in order: somewhat longer than it gives itself. */
const endLimitMs = 7_000
const pollMs = 20

/**
 * Ends a lab, every process of it, and forgets it. One that hangs is killed.
 *
 * @returns how it ended: `gone` when it had died before
 */
export async function endNamedLab(lab: NamedLab): Promise<'ended' | 'killed' | 'gone'> {
  const outcome = lab.state === 'gone' ? 'gone' : await endProcess(lab.process)
  sweep(lab.home)
  rmSync(lab.home, { recursive: true, force: true })
  return outcome
}

async function endProcess(identity: ProcessIdentity): Promise<'ended' | 'killed'> {
  const deadlineAt = systemClock.now() + endLimitMs
  signal(identity, 'SIGTERM')
  while (isRunning(identity) && systemClock.now() < deadlineAt) await systemClock.sleep(pollMs)
  if (!isRunning(identity)) return 'ended'
  signal(identity, 'SIGKILL')
  while (isRunning(identity)) await systemClock.sleep(pollMs)
  return 'killed'
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isRunning(identity)) process.kill(identity.pid, name)
  } catch {
    // It ended at this moment.
  }
}

function recordIn(home: string): LabRecord | undefined {
  const path = join(home, recordName)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

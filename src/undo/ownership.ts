import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { privateFile, writeFileAtomically } from '../support/files.ts'
import { identityOf, isRunning, type ProcessIdentity } from '../support/processes.ts'

/** The processes that answer for what a run owes. While one of them lives, nobody else may undo it. */
export interface Owners {
  command: ProcessIdentity
  guardian?: ProcessIdentity
}

const fileName = 'owners.json'

/** Takes a run into the care of this process and of its guardian. */
export function ownRun(runFolder: string, guardianPid: number | undefined): void {
  const command = identityOf(process.pid) ?? { pid: process.pid }
  const guardian = guardianPid === undefined ? undefined : identityOf(guardianPid)
  const owners: Owners = { command, ...(guardian ? { guardian } : {}) }
  writeFileAtomically(join(runFolder, fileName), JSON.stringify(owners), privateFile)
}

/** Lets go of a run: what it may still owe is for whoever finds it. */
export function disownRun(runFolder: string): void {
  rmSync(join(runFolder, fileName), { force: true })
}

/** Whether nobody answers for a run any more. */
export function isOrphan(runFolder: string): boolean {
  const path = join(runFolder, fileName)
  if (!existsSync(path)) return true
  const { command, guardian }: Owners = JSON.parse(readFileSync(path, 'utf8'))
  return !isRunning(command) && !(guardian && isRunning(guardian))
}

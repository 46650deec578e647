import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { listRuns, runFolder, runPaths } from '../journal/runs.ts'
import { sweep } from '../lab/index.ts'
import { lockForRecovery } from '../undo/locked-target.ts'
import { owedBy, readLog } from '../undo/log.ts'
import { disownRun, isOrphan, ownRun } from '../undo/ownership.ts'
import { logsOf, owes, recoverRun } from '../undo/recovery.ts'
import type { RollbackReport } from '../undo/rollback.ts'
import type { TargetLock } from '../undo/target-keeper.ts'
import { concludeOrphan } from './conclude-orphan.ts'

/** A run that nobody answers for any more, and that was not brought to its end. */
export interface Orphan {
  run: string
  folder: string
}

/** The latest first: what was done last is undone first. */
export function findOrphans(projectRoot: string): Orphan[] {
  return listRuns(projectRoot)
    .map((run) => ({ run, folder: runFolder(projectRoot, run) }))
    .filter(({ folder }) => isOrphan(folder) && (!existsSync(runPaths(folder).journal) || owes(folder)))
}

export interface OrphanReport extends RollbackReport {
  run: string
}

/** Undoes what runs that have died still owe, ends what is left of their labs, and writes their journals. */
export async function recoverOrphans(projectRoot: string, deadlineMs: number): Promise<OrphanReport[]> {
  const reports: OrphanReport[] = []
  for (const { run, folder } of findOrphans(projectRoot)) {
    // Meanwhile this process answers for the run: nobody else takes it for an orphan, nor its target for free.
    ownRun(folder, undefined)
    const report = await recoverLocked(folder, deadlineMs)
    for (const name of readdirSync(folder).filter((each) => each.startsWith('lab-'))) sweep(join(folder, name))
    concludeOrphan(folder, 'the death of the command and its guardian')
    disownRun(folder)
    reports.push({ run, ...report })
  }
  return reports
}

/** Nobody else acts on the target meanwhile. Where somebody does already, nothing is touched and all stays owed. */
async function recoverLocked(folder: string, deadlineMs: number): Promise<RollbackReport> {
  let lock: TargetLock | undefined
  try {
    lock = await lockForRecovery(folder)
  } catch (error) {
    const owed = logsOf(folder).flatMap((path) => owedBy(readLog(path)))
    return { undone: [], failed: owed.map((intent) => ({ intent, error })) }
  }
  try {
    return await recoverRun(folder, { by: 'recover', deadlineMs })
  } finally {
    await lock?.release().catch(() => undefined)
  }
}

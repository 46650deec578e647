import { listRuns, runFolder } from '../journal/runs.ts'
import { isOrphan } from '../undo/ownership.ts'
import { owes, recoverRun } from '../undo/recovery.ts'
import type { RollbackReport } from '../undo/rollback.ts'
import { concludeOrphan } from './conclude-orphan.ts'

/** A run that nobody answers for any more, and that still owes something. */
export interface Orphan {
  run: string
  folder: string
}

/** The oldest last: what was done last is undone first. */
export function findOrphans(projectRoot: string): Orphan[] {
  return listRuns(projectRoot)
    .map((run) => ({ run, folder: runFolder(projectRoot, run) }))
    .filter(({ folder }) => isOrphan(folder) && owes(folder))
}

export interface OrphanReport extends RollbackReport {
  run: string
}

/** Undoes what runs that have died still owe, and writes their journals. */
export async function recoverOrphans(projectRoot: string, deadlineMs: number): Promise<OrphanReport[]> {
  const reports: OrphanReport[] = []
  for (const { run, folder } of findOrphans(projectRoot)) {
    const report = await recoverRun(folder, { by: 'recover', deadlineMs })
    concludeOrphan(folder, 'the death of the command and its guardian')
    reports.push({ run, ...report })
  }
  return reports
}

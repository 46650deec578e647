import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChaosError } from '../support/errors.ts'
import { identityOf } from '../support/processes.ts'
import { type IntentRecord, Log } from './log.ts'
import { UndoRegistry } from './registry.ts'
import { awaitRecovery, type Restorer, type RollbackOptions, type RollbackReport, rollBack } from './rollback.ts'
import type { OwedRun } from './target-keeper.ts'
import type { TargetReference } from './types.ts'

export interface OwedRecoveryOptions {
  target: TargetReference
  root: string
  by: Restorer
  deadlineMs: number
  /** Also wait until the target has settled. */
  settled?: boolean
}

/**
 * Rolls back what a target remembers of a run, of which no log may be at hand. Whoever calls holds the target's lock.
 * What no module on this machine can undo stays owed.
 */
export async function recoverOwedRun(owed: OwedRun, options: OwedRecoveryOptions): Promise<RollbackReport> {
  const registry = await UndoRegistry.loadAvailable(owed.undoModules)
  const known = owed.intents.filter(({ undo }) => registry.has(undo.kind))
  const unknown = owed.intents.filter((intent) => !known.includes(intent))
  const report = await withLog(owed, known, options, async (log) => {
    const rollback: RollbackOptions = { ...options, registry }
    const done = await rollBack(log, rollback)
    if (options.settled) await awaitRecovery(done, rollback)
    return done
  })
  return {
    undone: report.undone,
    failed: [...report.failed, ...unknown.map((intent) => ({ intent, error: unknownKind(intent, owed, options) }))],
  }
}

/** A rollback works on a log: this one lasts as long as it does, since the target keeps what it says. */
async function withLog<T>(
  { run, undoModules }: OwedRun,
  intents: readonly IntentRecord[],
  { target, root }: OwedRecoveryOptions,
  work: (log: Log) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-test-recover-'))
  const log = new Log(join(folder, 'owed.ndjson'))
  try {
    const writer = identityOf(process.pid) ?? { pid: process.pid }
    log.append({ record: 'header', version: 1, run, file: '', writer, target, undoModules, root })
    for (const intent of intents) log.append(intent)
    return await work(log)
  } finally {
    log.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function unknownKind({ undo }: IntentRecord, { undoModules }: OwedRun, { root }: OwedRecoveryOptions): ChaosError {
  return new ChaosError(
    'CHAOS_UNDO_UNKNOWN',
    `No module here defines undos of kind "${undo.kind}". It was defined in one of ${undoModules.join(', ')}: recover in a checkout of the project that performed it, not in ${root}.`,
    { verdict: 'not-restored' },
  )
}

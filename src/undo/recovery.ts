import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runPaths } from '../journal/runs.ts'
import { monotonicClock, systemClock } from '../support/clock.ts'
import { isRunning } from '../support/processes.ts'
import { headerOf, Log, owedBy, readLog } from './log.ts'
import { UndoRegistry } from './registry.ts'
import { awaitRecovery, type FailedUndo, type Restorer, type RollbackReport, rollBack } from './rollback.ts'

/** The logs of a run. */
export function logsOf(runFolder: string): string[] {
  const folder = runPaths(runFolder).logs
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'))
  return names.sort().map((name) => join(folder, name))
}

/** Whether a run still owes something to a target. */
export function owes(runFolder: string): boolean {
  return owedActions(runFolder).length > 0
}

/** Something that a run owes, in words. */
export interface OwedAction {
  title: string
  target: string
  /** When the action was about to start, in ISO 8601. */
  since: string
}

export function owedActions(runFolder: string): OwedAction[] {
  return logsOf(runFolder).flatMap((path) => {
    const records = readLog(path)
    const target = headerOf(records)?.target
    return owedBy(records).map(({ title, at }) => ({
      title,
      since: new Date(at).toISOString(),
      target: target ? `${target.name}/${target.namespace}` : 'unknown',
    }))
  })
}

export interface RecoveryOptions {
  by: Restorer
  deadlineMs: number
  /** When given, what was undone is also awaited until the target has settled, unless the signal aborts first. */
  settleUnless?: AbortSignal
}

export interface RecoveryReport extends RollbackReport {
  /** What was undone, but did not settle in time. */
  unsettled: FailedUndo[]
}

/**
 * Rolls back what one log owes, in the place of its writer: that has died, or dies now, since it must not act on the
 * target behind the rollback's back.
 */
export async function recoverLog(path: string, options: RecoveryOptions): Promise<RecoveryReport> {
  const deadlineAt = monotonicClock.now() + options.deadlineMs
  await killWriter(path)
  const records = readLog(path)
  const header = headerOf(records)
  if (!header || owedBy(records).length === 0) return { undone: [], failed: [], unsettled: [] }
  const registry = await UndoRegistry.load(header.undoModules)
  const log = new Log(path)
  try {
    const rollback = { ...options, registry, target: header.target }
    const report = await rollBack(log, rollback)
    if (!options.settleUnless) return { ...report, unsettled: [] }
    const deadlineMs = Math.max(0, deadlineAt - monotonicClock.now())
    return { ...report, unsettled: await awaitRecovery(report, { ...rollback, deadlineMs }, options.settleUnless) }
  } finally {
    log.close()
  }
}

/** Rolls back what a run owes: the logs side by side, since each has its own target or nothing to do. */
export async function recoverRun(runFolder: string, options: RecoveryOptions): Promise<RecoveryReport> {
  const reports = await Promise.all(logsOf(runFolder).map((path) => recoverLog(path, options)))
  return {
    undone: reports.flatMap((report) => report.undone),
    failed: reports.flatMap((report) => report.failed),
    unsettled: reports.flatMap((report) => report.unsettled),
  }
}

/** Kills the worker that writes a log. Resolves when it is gone. */
export async function killWriter(path: string): Promise<void> {
  const writer = headerOf(readLog(path))?.writer
  if (!writer || writer.pid === process.pid) return
  while (isRunning(writer)) {
    process.kill(writer.pid, 'SIGKILL')
    await systemClock.sleep(10)
  }
}

import { type Clock, systemClock } from '../support/clock.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, errorView } from '../support/errors.ts'
import { headerOf, type IntentRecord, type Log, owedBy, readLog } from './log.ts'
import type { UndoRegistry } from './registry.ts'
import type { TargetReference, UndoContext, UndoOutcome } from './types.ts'

export interface RollbackOptions {
  registry: UndoRegistry
  target: TargetReference
  /** Who rolls back, for the journal. */
  by: Restorer
  /** How long all the undos may take. */
  deadlineMs: number
  /** Only what this hypothesis did; absent: everything that is owed. */
  hypothesis?: string
  clock?: Clock
}

/** The one of the project's processes that undoes: each takes over from the one before it when that has died. */
export type Restorer = 'worker' | 'command' | 'guardian' | 'recover'

export interface RollbackReport {
  undone: UndoneAction[]
  /** Still owed: never reported as done. */
  failed: FailedUndo[]
}

export interface UndoneAction {
  intent: IntentRecord
  outcome: UndoOutcome
}

export interface FailedUndo {
  intent: IntentRecord
  error: unknown
}

const firstRetryMs = 200
const longestRetryMs = 5000

/**
 * Undoes what a log says is owed: last in, first out; what fails is tried again after the others, until the deadline.
 * What was undone and read back is settled in the log before the next undo starts.
 */
export async function rollBack(log: Log, options: RollbackOptions): Promise<RollbackReport> {
  const { clock = systemClock, deadlineMs } = options
  const records = readLog(log.path)
  const file = headerOf(records)?.file
  const deadlineAt = clock.now() + deadlineMs
  const report: RollbackReport = { undone: [], failed: [] }

  let owed = owedBy(records).filter((intent) => !options.hypothesis || intent.hypothesis === options.hypothesis)
  for (let retryMs = firstRetryMs; owed.length > 0; retryMs = Math.min(2 * retryMs, longestRetryMs)) {
    report.failed = []
    for (const intent of owed) {
      const event = {
        type: 'undo-ended' as const,
        action: intent.action,
        title: intent.title,
        by: options.by,
        startedAt: clock.now(),
        ...(file === undefined ? {} : { file }),
        ...(intent.hypothesis === undefined ? {} : { hypothesis: intent.hypothesis }),
      }
      try {
        const remainingMs = Math.max(0, deadlineAt - clock.now())
        const outcome = await within(
          remainingMs,
          () => timeoutError(deadlineMs),
          (signal) => undo(intent, options.registry, { target: options.target, signal }),
        )
        log.appendDurably({ record: 'settled', at: clock.now(), action: intent.action, outcome, by: options.by })
        log.append({ ...event, at: clock.now(), status: outcome })
        report.undone.push({ intent, outcome })
      } catch (error) {
        log.append({ ...event, at: clock.now(), status: 'failed', error: errorView(error) })
        report.failed.push({ intent, error })
      }
    }
    owed = report.failed.map(({ intent }) => intent)
    if (owed.length === 0 || clock.now() + retryMs >= deadlineAt) break
    await clock.sleep(retryMs)
  }
  return report
}

/**
 * Waits until the target has settled after the undos: an undone rollout is over. A target that does not settle in time
 * is not hidden by this: whoever rolled back checks the steady state next.
 */
export async function awaitRecovery(report: RollbackReport, options: RollbackOptions): Promise<void> {
  const { registry, target, deadlineMs } = options
  const recover = (signal: AbortSignal) =>
    Promise.allSettled(
      report.undone
        .filter(({ outcome }) => outcome === 'undone')
        .map(({ intent: { undo } }) => registry.get(undo.kind).recovered?.(undo.args, { target, signal })),
    )
  await within(deadlineMs, () => timeoutError(deadlineMs), recover).catch(() => undefined)
}

async function undo({ undo }: IntentRecord, registry: UndoRegistry, context: UndoContext): Promise<UndoOutcome> {
  return await registry.get(undo.kind).undo(undo.args, context)
}

function timeoutError(deadlineMs: number): ChaosError {
  return new ChaosError('CHAOS_ROLLBACK_TIMEOUT', `The rollback did not end within its ${deadlineMs / 1000} s.`, {
    verdict: 'not-restored',
  })
}

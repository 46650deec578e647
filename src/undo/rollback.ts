import { type Clock, monotonicClock, systemClock } from '../support/clock.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, errorView, isRefusal } from '../support/errors.ts'
import { headerOf, type IntentRecord, type Log, owedBy, readLog } from './log.ts'
import type { UndoRegistry } from './registry.ts'
import type { OwedRecord } from './target-keeper.ts'
import type { HealingKind, TargetReference, UndoContext, UndoKind, UndoOutcome } from './types.ts'

export interface RollbackOptions {
  registry: UndoRegistry
  target: TargetReference
  /** Who rolls back, for the journal. */
  by: Restorer
  /** How long all the undos may take. */
  deadlineMs: number
  /** Only what this hypothesis did; absent: everything that is owed. */
  hypothesis?: string
  /**
   * Actions that are still under way, and may yet change the target: they are undone now, and owed until whoever comes
   * next has made sure that nobody acts any more.
   */
  underWay?: ReadonlySet<string>
  /** Stands around each undo, and around the waiting for its target to settle: a span. What the work throws passes through. */
  around?: <T>(intent: IntentRecord, step: 'undo' | 'settle', work: () => Promise<T>) => Promise<T>
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

/** Who undid what the target does not remember any more, for the journal. */
const elsewhere = 'recovery from another machine'

const firstRetryMs = 200
const longestRetryMs = 5000

/**
 * Undoes what a log says is owed: last in, first out; what fails is tried again after the others, until the deadline, or
 * until the target has refused all that is left for some seconds: one that has just started may not know its users yet.
 * What was undone and read back is settled in the log before the next undo starts.
 */
export async function rollBack(log: Log, options: RollbackOptions): Promise<RollbackReport> {
  const { clock = systemClock, deadlineMs, around = alone } = options
  const records = readLog(log.path)
  const header = headerOf(records)
  const file = header?.file
  const record = header && options.registry.recordOf(header)
  const deadlineAt = monotonicClock.now() + deadlineMs
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
        const remainingMs = Math.max(0, deadlineAt - monotonicClock.now())
        const underWay = options.underWay?.has(intent.action) ?? false
        const carryOutInTime = () =>
          within(
            remainingMs,
            () => timeoutError(deadlineMs),
            async (signal) => {
              const done = await undoRemembered(intent, record, options.registry, { target: options.target, signal })
              if (!underWay) await record?.settle(intent.action, signal)
              return done
            },
          )
        const { outcome, by = options.by } = await around(intent, 'undo', carryOutInTime)
        if (!underWay) {
          writeDown(() => log.appendDurably({ record: 'settled', at: clock.now(), action: intent.action, outcome, by }))
        }
        writeDown(() => log.append({ ...event, by, at: clock.now(), status: outcome }))
        report.undone.push({ intent, outcome })
      } catch (error) {
        writeDown(() => log.append({ ...event, at: clock.now(), status: 'failed', error: errorView(error) }))
        report.failed.push({ intent, error })
      }
    }
    owed = report.failed.map(({ intent }) => intent)
    if (owed.length === 0 || monotonicClock.now() + retryMs >= deadlineAt) break
    if (retryMs === longestRetryMs && report.failed.every(({ error }) => isRefusal(error))) break
    await clock.sleep(retryMs)
  }
  return report
}

/** A log that cannot be written keeps no target from being put back: what is not in it is undone once more. */
function writeDown(write: () => void): void {
  try {
    write()
  } catch {
    // The disk is full or gone. Whoever reads the log finds the action owed.
  }
}

/**
 * Waits until the target has settled after the undos: an undone rollout is over.
 *
 * @param unless aborts the waiting
 * @returns what did not settle
 */
export async function awaitRecovery(
  report: RollbackReport,
  options: RollbackOptions,
  unless?: AbortSignal,
): Promise<FailedUndo[]> {
  const { registry, target, deadlineMs, around = alone } = options
  const unsettled: FailedUndo[] = []
  const recover = async (intent: IntentRecord) => {
    const { args } = intent.undo
    try {
      const kind = registry.get(intent.undo.kind)
      if (!kind.recovered) return
      const settled = async (signal: AbortSignal) => await kind.recovered?.(args, { target, signal })
      await around(intent, 'settle', () => within(deadlineMs, () => unsettledError(deadlineMs), settled, unless))
    } catch (error) {
      unsettled.push({ intent, error })
    }
  }
  const undone = report.undone.filter(({ outcome }) => outcome === 'undone')
  await Promise.all(undone.map(({ intent }) => recover(intent)))
  return unsettled
}

async function alone<T>(_intent: IntentRecord, _step: string, work: () => Promise<T>): Promise<T> {
  return await work()
}

interface Undone {
  outcome: UndoOutcome
  /** Who undid it, when it was none of this run's processes. */
  by?: string
}

/**
 * Undoes an action, unless the target does not remember it any more: then it was recovered from elsewhere, and may have
 * been changed since.
 */
async function undoRemembered(
  { action, undo }: IntentRecord,
  record: OwedRecord | undefined,
  registry: UndoRegistry,
  context: UndoContext,
): Promise<Undone> {
  if (record && !(await record.remembers(action, context.signal))) return { outcome: 'undone', by: elsewhere }
  return { outcome: await carryOut(registry.get(undo.kind), undo.args, context) }
}

async function carryOut(kind: UndoKind | HealingKind, args: unknown, context: UndoContext): Promise<UndoOutcome> {
  if ('undo' in kind) return await kind.undo(args, context)
  await kind.recovered(args, context)
  return 'undone'
}

function timeoutError(deadlineMs: number): ChaosError {
  return new ChaosError('CHAOS_ROLLBACK_TIMEOUT', `The rollback did not end within its ${deadlineMs / 1000} s.`, {
    verdict: 'not-restored',
  })
}

function unsettledError(deadlineMs: number): ChaosError {
  return new ChaosError('CHAOS_NOT_RECOVERED', `It was undone, but did not settle within ${deadlineMs / 1000} s.`, {
    verdict: 'not-restored',
  })
}

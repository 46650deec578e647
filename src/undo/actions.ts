import { randomUUID } from 'node:crypto'
import { systemClock } from '../support/clock.ts'
import { ChaosError, errorView, messageOf } from '../support/errors.ts'
import { type HeaderRecord, headerOf, type IntentRecord, type Log, readLog } from './log.ts'
import type { ActionDescription } from './perform.ts'
import type { UndoRegistry } from './registry.ts'
import type { Undo } from './types.ts'
import type { Irreversible } from './without-undo.ts'

export interface ActionsOptions {
  log: Log
  registry: UndoRegistry
  /** The spec file, for the events. */
  file: string
  /** The id of the hypothesis that calls, and its signal. */
  caller(): { hypothesis?: string; signal: AbortSignal }
  /** Actions are told and not done (false). */
  dryRun?: boolean
}

/**
 * The door to the target: each action is written down before it starts, and refused when the fence is closed.
 *
 * The fence closes for good when a steady state was missed before anything was done, and for a time while a rollback
 * runs: an action that came late would change the target behind the rollback's back.
 */
export class Actions {
  readonly #options: ActionsOptions
  readonly #underWay = new Map<string, Promise<unknown>>()
  #closed: string | undefined
  /** One for each rollback that runs: two may overlap. */
  readonly #raised: string[] = []
  #header: HeaderRecord | undefined

  constructor(options: ActionsOptions) {
    this.#options = options
  }

  /** See {@link Perform}. */
  perform = async <Result>(
    undo: Undo | Irreversible,
    description: ActionDescription,
    action: () => Promise<Result>,
  ): Promise<Result> => {
    const { log, registry, file } = this.#options
    const { hypothesis, signal } = this.#options.caller()
    const undoTitle = 'irreversible' in undo ? '' : registry.get(undo.kind).describe(undo.args)
    const refuse = () => {
      const refusal = signal.aborted ? messageOf(signal.reason) : (this.#closed ?? this.#raised[0])
      if (refusal !== undefined) throw refused(description.title, refusal)
    }
    refuse()
    if (this.#options.dryRun) return await this.#plan(description, undoTitle)

    const id = randomUUID().slice(0, 8)
    const head = () => ({ at: systemClock.now(), file, ...(hypothesis === undefined ? {} : { hypothesis }) })
    const started = { ...head(), type: 'action-started' as const, action: id, before: description.before }
    let remembered = Promise.resolve()
    if ('irreversible' in undo) {
      log.appendDurably({ ...started, title: `${description.title} (irreversible: ${undo.irreversible})` })
    } else {
      const intent: IntentRecord = {
        record: 'intent',
        at: systemClock.now(),
        action: id,
        ...(hypothesis === undefined ? {} : { hypothesis }),
        title: undoTitle,
        undo,
      }
      log.appendDurably(intent)
      log.append({ ...started, title: description.title, undo: undoTitle })
      remembered = this.#remember(intent)
    }
    const running = remembered.then(() => {
      refuse()
      return action()
    })
    this.#underWay.set(id, running)
    try {
      const result = await running
      log.append({ record: 'applied', at: systemClock.now(), action: id })
      log.append({ ...head(), type: 'action-ended', action: id, after: description.after })
      return result
    } catch (error) {
      log.append({ ...head(), type: 'action-ended', action: id, error: errorView(error) })
      throw error
    } finally {
      this.#underWay.delete(id)
    }
  }

  /**
   * What a dry run does with an action. Nobody gets a result of what was not done, but for that of the rehearsal.
   *
   * @throws why the target would not take it
   */
  async #plan<Result>(description: ActionDescription, undoTitle: string): Promise<Result> {
    const { log, file } = this.#options
    const { hypothesis } = this.#options.caller()
    const { title, before, after, rehearse } = description
    const result = await rehearse?.()
    log.append({
      ...{ type: 'action-planned', at: systemClock.now(), file, title, before, after },
      ...(hypothesis === undefined ? {} : { hypothesis }),
      ...(undoTitle === '' ? {} : { undo: undoTitle }),
      rehearsed: rehearse !== undefined,
    })
    return result as Result
  }

  /** Where the target remembers what is owed to it, the intent is there, too, before the action starts. */
  async #remember(intent: IntentRecord): Promise<void> {
    const { log, registry } = this.#options
    this.#header ??= headerOf(readLog(log.path))
    if (this.#header) await registry.recordOf(this.#header)?.intend(intent, this.#header)
  }

  /** Refuses every action from now on. */
  closeFence(reason: string): void {
    this.#closed ??= reason
  }

  /** Refuses actions while `work` runs. */
  async whileFenced<T>(reason: string, work: () => Promise<T>): Promise<T> {
    this.#raised.push(reason)
    try {
      return await work()
    } finally {
      this.#raised.pop()
    }
  }

  /**
   * Resolves when no action is under way, or after the time.
   *
   * @returns the ids of those that are still under way
   */
  async settled(withinMs: number): Promise<ReadonlySet<string>> {
    const bound = new AbortController()
    const timeout = systemClock.sleep(withinMs, bound.signal).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#underWay.values()), timeout])
    bound.abort()
    return new Set(this.#underWay.keys())
  }
}

function refused(title: string, reason: string): ChaosError {
  return new ChaosError('CHAOS_ACTION_REFUSED', `The action "${title}" was refused: ${reason}`)
}

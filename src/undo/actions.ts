import { randomUUID } from 'node:crypto'
import { systemClock } from '../support/clock.ts'
import { ChaosError, errorView, messageOf } from '../support/errors.ts'
import type { Log } from './log.ts'
import type { ActionDescription } from './perform.ts'
import type { UndoRegistry } from './registry.ts'
import type { Undo } from './types.ts'

export interface ActionsOptions {
  log: Log
  registry: UndoRegistry
  /** The spec file, for the events. */
  file: string
  /** The id of the hypothesis that calls, and its signal. */
  caller(): { hypothesis?: string; signal: AbortSignal }
}

/**
 * The door to the target: each action is written down before it starts, and refused when the fence is closed.
 *
 * The fence closes for good when a steady state was missed before anything was done, and for a time while a rollback
 * runs: an action that came late would change the target behind the rollback's back.
 */
export class Actions {
  readonly #options: ActionsOptions
  readonly #underWay = new Set<Promise<unknown>>()
  #fence: string | undefined

  constructor(options: ActionsOptions) {
    this.#options = options
  }

  /** See {@link Perform}. */
  perform = async <Result>(
    undo: Undo,
    description: ActionDescription,
    action: () => Promise<Result>,
  ): Promise<Result> => {
    const { log, registry, file } = this.#options
    const { hypothesis, signal } = this.#options.caller()
    const undoTitle = registry.get(undo.kind).describe(undo.args)
    const refusal = signal.aborted ? messageOf(signal.reason) : this.#fence
    if (refusal !== undefined) throw refused(description.title, refusal)

    const id = randomUUID().slice(0, 8)
    const head = () => ({ at: systemClock.now(), file, ...(hypothesis === undefined ? {} : { hypothesis }) })
    log.appendDurably({
      record: 'intent',
      at: systemClock.now(),
      action: id,
      ...(hypothesis === undefined ? {} : { hypothesis }),
      title: undoTitle,
      undo,
    })
    log.append({
      ...head(),
      type: 'action-started',
      action: id,
      title: description.title,
      undo: undoTitle,
      before: description.before,
    })
    const running = action()
    this.#underWay.add(running)
    try {
      const result = await running
      log.append({ record: 'applied', at: systemClock.now(), action: id })
      log.append({ ...head(), type: 'action-ended', action: id })
      return result
    } catch (error) {
      log.append({ ...head(), type: 'action-ended', action: id, error: errorView(error) })
      throw error
    } finally {
      this.#underWay.delete(running)
    }
  }

  /** Refuses every action from now on. */
  closeFence(reason: string): void {
    this.#fence = reason
  }

  /** Refuses actions while `work` runs. */
  async whileFenced<T>(reason: string, work: () => Promise<T>): Promise<T> {
    const before = this.#fence
    this.#fence ??= reason
    try {
      return await work()
    } finally {
      this.#fence = before
    }
  }

  /** Resolves when no action is under way, or after the time. */
  async settled(withinMs: number): Promise<void> {
    const bound = new AbortController()
    const timeout = systemClock.sleep(withinMs, bound.signal).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#underWay), timeout])
    bound.abort()
  }
}

function refused(title: string, reason: string): ChaosError {
  return new ChaosError('CHAOS_ACTION_REFUSED', `The action "${title}" was refused: ${reason}`)
}

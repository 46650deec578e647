import type { Undo } from './types.ts'
import type { Irreversible } from './without-undo.ts'

/** What `perform` is told of an action, beside how to undo it. */
export interface ActionDescription {
  /** What is done, in words: `set image of deployment/service2 to counter/service2:v4`. */
  title: string
  /** The state before, for the journal: no secrets. */
  before?: unknown
  /** The state that it makes, for the journal: no secrets. Told once the action has ended well. */
  after?: unknown
  /** Asks the target what would come of the action, and changes nothing: what a dry run does in its place. */
  rehearse?: () => Promise<unknown>
}

/**
 * The one way to change a target: the undo is on disk before the action starts.
 *
 * @throws CHAOS_ACTION_REFUSED when the hypothesis has ended or been cancelled, or when rollback has begun.
 */
export type Perform = <Result>(
  undo: Undo | Irreversible,
  description: ActionDescription,
  action: () => Promise<Result>,
) => Promise<Result>

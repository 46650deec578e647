import { currentSession } from '../session/session.ts'
import type { Perform } from '../undo/perform.ts'

/**
 * Changes the target in a way of your own, with the guarantee of every other action: the undo is on disk before the
 * action starts, and whoever is alive carries it out.
 *
 * The kind of the undo is defined in a module that exports `undoKinds` and is listed in the config's `actions`. Where
 * there is nothing to undo, `awaitRecovery()` or `irreversible()` stands in its place.
 *
 * @throws CHAOS_ACTION_REFUSED when the hypothesis has ended or been cancelled, or when rollback has begun
 * @throws CHAOS_UNDO_UNKNOWN when no module defines the undo's kind
 * @example
 * await perform(
 *   { kind: 'flag.set', args: { flag: 'checkout', value: true } },
 *   { title: 'switch the flag checkout off' },
 *   () => flags.set('checkout', false),
 * )
 */
export const perform: Perform = (undo, description, action) => currentSession().perform(undo, description, action)

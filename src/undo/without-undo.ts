import { usageError } from '../support/errors.ts'
import type { Undo } from './types.ts'

/** The word of a spec's author that an action cannot be undone, and why that may be. */
export interface Irreversible {
  irreversible: string
}

/**
 * Says that nothing can undo an action. It is written down in the journal with the reason, and nothing is owed for it.
 *
 * @throws CHAOS_IRREVERSIBLE_WHY (usage) without a reason
 * @example
 * await perform(irreversible('a sent e-mail stays sent'), { title: 'send the invitation' }, () => mail.send(invitation))
 */
export function irreversible(why: string): Irreversible {
  if (why.trim() === '') {
    throw usageError('CHAOS_IRREVERSIBLE_WHY', 'irreversible() needs the reason why nothing can undo the action.')
  }
  return { irreversible: why }
}

/**
 * Says that the target heals by itself what an action does to it, as a killed pod is replaced. The action is owed until
 * the probe has found the target healed: the rollback waits for it, in whatever process.
 *
 * @param probe the kind and arguments of a `HealingKind`: data, as any undo
 * @example
 * await perform(awaitRecovery({ kind: 'queue.drained', args: { queue: 'orders' } }), { title: 'flood the queue' }, flood)
 */
export function awaitRecovery<Args>(probe: Undo<Args>): Undo<Args> {
  return probe
}

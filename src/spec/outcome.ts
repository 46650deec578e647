import type { Phase } from '../journal/events.ts'
import { ChaosError, isChaosError, messageOf, type Verdict } from '../support/errors.ts'
import type { RollbackReport } from '../undo/rollback.ts'

/** Something that went wrong in a phase of a hypothesis, and what the hypothesis comes to by it. */
export interface Miss {
  phase: Phase
  verdict: Verdict
  error: unknown
}

/** From the gravest to the mildest: of several misses, the first in this order counts. */
const gravity: readonly Verdict[] = ['not-restored', 'interrupted', 'failed', 'deviated', 'inconclusive', 'unsteady']

/**
 * What an error in a phase means. An assertion that fails says that the system deviates — or that it was not steady to
 * begin with, or did not come back. Anything else that is thrown is a broken action or probe.
 */
export function missOf(phase: Phase, error: unknown): Miss {
  return { phase, error, verdict: verdictIn(phase, meaningOf(error)) }
}

export function gravest(misses: readonly Miss[]): Miss | undefined {
  return misses.toSorted((a, b) => gravity.indexOf(a.verdict) - gravity.indexOf(b.verdict))[0]
}

/** The one sentence that explains a miss. */
export function reasonOf({ phase, verdict, error }: Miss): string {
  const message = messageOf(error)
  if (verdict === 'interrupted' || phase === 'method') return message
  return `${phaseSentence[phase]}: ${message}`
}

const phaseSentence: Record<Phase, string> = {
  before: 'Before the method, the steady state was not there',
  method: '',
  after: 'After the method, the steady state was gone',
  rollback: 'The target could not be put back',
  restored: 'After the rollback, the steady state did not come back',
}

function verdictIn(phase: Phase, meaning: Verdict): Verdict {
  if (meaning === 'interrupted') return 'interrupted'
  if (phase === 'rollback' || phase === 'restored') return 'not-restored'
  if (phase === 'before' && meaning === 'deviated') return 'unsteady'
  return meaning
}

function meaningOf(error: unknown): Verdict {
  if (isChaosError(error)) return error.verdict === 'usage' ? 'failed' : error.verdict
  return isAssertionError(error) ? 'deviated' : 'failed'
}

/** An assertion of Vitest's or Jest's `expect`, a custom matcher of either, of chai or of node:assert. */
function isAssertionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'AssertionError' || '__vitest_error_context__' in error || 'matcherResult' in error
}

/** Whether the users have given up, so that the target must be put back at once. */
export function isFailFast(error: unknown): boolean {
  return isChaosError(error) && error.code === 'CHAOS_FAIL_FAST'
}

/** The documented weakness of a `hypothesis.deviates` did not show. */
export function weaknessGone(): ChaosError {
  return new ChaosError(
    'CHAOS_WEAKNESS_GONE',
    'It held, although hypothesis.deviates documents that it deviates: the weakness seems to be gone. If it is cured, write hypothesis() instead.',
    { verdict: 'deviated' },
  )
}

/** What could not be undone, and what to do about it. */
export function notRestoredError(failed: RollbackReport['failed']): ChaosError {
  const owed = failed.map(({ intent, error }) => `${intent.title} (${messageOf(error)})`).join('; ')
  return new ChaosError(
    'CHAOS_NOT_RESTORED',
    `still owed: ${owed}. Mend what is in the way, then run "npx chaos-test recover".`,
    { verdict: 'not-restored' },
  )
}

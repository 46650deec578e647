import type { Verdict } from '../support/errors.ts'
import type { HypothesisState, RunState } from './state.ts'
import { exitCode, worst } from './verdict.ts'

/** What the run comes to that the events alone do not tell. */
export interface Circumstances {
  /** Whether something is still owed to a target. */
  owed: boolean
  /** Verdicts of what belongs to no hypothesis: a hook that broke, an unhandled rejection. */
  others?: readonly Verdict[]
}

/** What a run comes to: of all its hypotheses, and of what went wrong around them. */
export function runVerdict(
  state: RunState,
  { owed, others = [] }: Circumstances,
): { verdict: Verdict; exitCode: number } {
  const hypotheses = state.files.flatMap((file) => file.hypotheses)
  const verdict = worst([
    ...hypotheses.map(({ outcome }) => outcome?.verdict ?? 'failed'),
    ...others,
    ...(state.interruption ? ['interrupted' as const] : []),
    ...(owed ? ['not-restored' as const] : []),
  ])
  return { verdict, exitCode: exitCode(verdict, state.interruption?.signal) }
}

/** The hypotheses that began and of which nobody has said what they came to: their worker has died. */
export function unfinished(state: RunState): HypothesisState[] {
  return state.files.flatMap((file) => file.hypotheses).filter(({ outcome }) => !outcome)
}

import { constants } from 'node:os'
import type { Verdict } from '../support/errors.ts'
import type { Expectation } from './events.ts'

/**
 * The verdicts from the worst to the best: of several, the first in this order counts.
 *
 * What the run left behind comes before what cut it, a broken experiment before what it seemed to show, and a weakness
 * found before a question left open.
 */
export const severity = [
  'not-restored',
  'interrupted',
  'failed',
  'usage',
  'deviated',
  'inconclusive',
  'unsteady',
  'held',
] as const satisfies readonly Verdict[]

/** The verdict of a whole: `held` where there is nothing to judge. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  const present = new Set(verdicts)
  return severity.find((verdict) => present.has(verdict)) ?? 'held'
}

/**
 * What a verdict counts as, given what the spec expects: a deviation that it documents is as good as held.
 *
 * @param deviated whether an assertion about the system failed: where none did, a documented weakness is gone, and
 *   `deviated` stands.
 */
export function againstExpectation(verdict: Verdict, deviated: boolean, expected: Expectation): Verdict {
  return verdict === 'deviated' && deviated && expected === 'deviated' ? 'held' : verdict
}

const exitCodes: Record<Exclude<Verdict, 'interrupted'>, number> = {
  held: 0,
  deviated: 1,
  usage: 2,
  unsteady: 3,
  inconclusive: 4,
  failed: 5,
  'not-restored': 6,
}

/**
 * The exit code of a verdict; of an interrupted run 128 + the number of the signal.
 *
 * @param signal what interrupted the run, such as `SIGINT`. What is no signal counts as SIGTERM: the run was ended from
 *   outside.
 */
export function exitCode(verdict: Verdict, signal?: string): number {
  return verdict === 'interrupted' ? 128 + signalNumber(signal) : exitCodes[verdict]
}

function signalNumber(signal: string | undefined): number {
  const numbers: Record<string, number | undefined> = constants.signals
  return (signal && numbers[signal]) || constants.signals.SIGTERM
}

/** The statuses of a Chaos Toolkit journal that we write. */
export type JournalStatus = 'completed' | 'failed' | 'interrupted'

/** What a journal says of a verdict to the tools of the Chaos Toolkit. `null`: there is nothing to say. */
export interface JournalOutcome {
  status: JournalStatus | null
  deviated: boolean
}

/**
 * A verdict in the words of the Chaos Toolkit's journal.
 *
 * @param deviated whether an assertion about the system failed. It is kept where the method ran; where it did not, or
 *   did not work, nothing can be said of the system.
 */
export function journalOutcome(verdict: Verdict | undefined, deviated: boolean): JournalOutcome {
  switch (verdict) {
    case 'held':
    case 'deviated':
      return { status: 'completed', deviated }
    case 'not-restored':
      return { status: 'failed', deviated }
    case 'interrupted':
      return { status: 'interrupted', deviated }
    case 'unsteady':
    case 'inconclusive':
    case 'failed':
      return { status: 'failed', deviated: false }
    case 'usage':
    case undefined:
      return { status: null, deviated: false }
  }
}

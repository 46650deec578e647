import { type ErrorCode, isChaosError, messageOf, type Verdict } from '../../support/errors.ts'

/** `note`: a run works without it, and somebody should know. `skipped`: what it would look at is not there. */
export type CheckStatus = 'ok' | 'note' | 'failed' | 'skipped'

/** What one look has found. */
export interface Check {
  /** What was looked at, in a word or two. */
  name: string
  status: CheckStatus
  /** What was found, and what to do where something is amiss. */
  found: string
  code?: ErrorCode
  /** What a run would come to: of what has failed. */
  verdict?: Verdict
}

export type Finding = Omit<Check, 'name'>

export const ok = (found: string): Finding => ({ status: 'ok', found })
export const note = (found: string): Finding => ({ status: 'note', found })
export const skipped = (found: string): Finding => ({ status: 'skipped', found })

/** Looks at one thing. What it throws is a failure that is found, and keeps no other look from being taken. */
export async function check(name: string, look: () => Promise<Finding> | Finding): Promise<Check> {
  try {
    return { name, ...(await look()) }
  } catch (error) {
    return { name, ...failureOf(error) }
  }
}

function failureOf(error: unknown): Finding {
  if (!isChaosError(error)) return { status: 'failed', found: messageOf(error), verdict: 'failed' }
  return { status: 'failed', found: error.message, code: error.code, verdict: error.verdict }
}

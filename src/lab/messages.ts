import { type ChaosError, type ErrorCode, isChaosError, messageOf, type Verdict } from '../support/errors.ts'
import type { LabInfo, LabOptions } from './process.ts'

/** The first word of the owner of a lab. */
export interface StartMessage {
  start: LabOptions
}

/** The last word of the owner: the lab owns itself from now on. It hangs up, and lives until a signal ends it. */
export interface LetGoMessage {
  letGo: true
}

/** What the owner of a lab says. */
export type OwnerMessage = StartMessage | LetGoMessage

/** What the process answers: once. */
export type LabMessage = { ready: LabInfo } | { failed: LabFailure }

/** An error, as it crosses between processes. */
export interface LabFailure {
  code: ErrorCode
  message: string
  verdict: Verdict
}

export function failureOf(error: unknown): LabFailure {
  if (isChaosError(error)) return pick(error)
  const message = `The lab could not be started: ${messageOf(error)}`
  return { code: 'CHAOS_LAB_FAILED', message, verdict: 'failed' }
}

function pick({ code, message, verdict }: ChaosError): LabFailure {
  return { code, message, verdict }
}

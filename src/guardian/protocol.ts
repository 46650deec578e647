import type { LabInfo, LabOptions } from '../lab/index.ts'
import type { ErrorCode, Verdict } from '../support/errors.ts'

/** What the command tells its guardian, over the IPC channel whose closing is the alarm. */
export type ToGuardian =
  | { type: 'start-lab'; options: LabOptions }
  | { type: 'stop-lab'; name: string }
  /** All is done: end the labs and leave. */
  | { type: 'goodbye' }

export type FromGuardian =
  | { type: 'lab-started'; info: LabInfo }
  | { type: 'lab-failed'; name: string; error: ErrorData }
  | { type: 'lab-stopped'; name: string }

/** A ChaosError, as data. */
export interface ErrorData {
  code: ErrorCode
  message: string
  verdict: Verdict
}

/** What the guardian needs to know from the start: its only argument, as JSON. */
export interface GuardianOptions {
  /** The folder of the run it guards. */
  runFolder: string
  rollbackMs: number
}

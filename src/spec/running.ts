import { usageError } from '../support/errors.ts'
import type { SpecFile } from './spec-file.ts'

// Apart from the spec file itself, so that collecting specs loads nothing of what running them needs.

let running: SpecFile | undefined

export function setRunningSpecFile(file: SpecFile): void {
  running = file
}

/** Absent while spec files are only collected. */
export function runningSpecFile(): SpecFile | undefined {
  return running
}

/** @throws CHAOS_NO_SESSION (usage) outside a run */
export function currentSpecFile(calledBy: string): SpecFile {
  if (!running) {
    throw usageError(
      'CHAOS_NO_SESSION',
      `${calledBy} was called where no experiment runs: call it inside a hook or a hypothesis of a spec file that "chaos-test" runs.`,
    )
  }
  return running
}

import { isRunning } from '../../support/processes.ts'
import type { TargetReference } from '../../undo/types.ts'

/** A lab that died has nothing left to be put back. */
export function hasEnded(target: TargetReference): boolean {
  return target.process !== undefined && !isRunning(target.process)
}

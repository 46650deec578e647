import { join } from 'node:path'
import { claim, claimants } from '../support/claims.ts'
import { usageError } from '../support/errors.ts'
import { identityOf, isRunning, type ProcessIdentity } from '../support/processes.ts'

/**
 * Makes a home that of this process, for as long as it lives: two labs in one home would take each other's pods for
 * leftovers.
 *
 * @throws CHAOS_LAB_RUNNING (usage) when another lab lives there
 */
export async function claimHome(home: string): Promise<void> {
  const claimant = identityOf(process.pid) ?? { pid: process.pid }
  const name = [claimant.pid, claimant.startTicks ?? ''].join('-')
  const result = await claim(ownerFolder(home), { name, claimant, isAlive: isRunning })
  if (!('holder' in result)) return
  throw usageError(
    'CHAOS_LAB_RUNNING',
    `A lab could not be started in ${home}: process ${result.holder.pid} is a lab that lives there, or still starts or ends. Use that one, or end it first.`,
  )
}

/** The lab that lives in a home, be it ready or not. */
export function inhabitantOf(home: string): ProcessIdentity | undefined {
  return claimants<ProcessIdentity>(ownerFolder(home)).find(isRunning)
}

function ownerFolder(home: string): string {
  return join(home, 'owner')
}

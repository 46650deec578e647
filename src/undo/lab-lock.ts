import { join } from 'node:path'
import { type Claim, claim, claimants } from '../support/claims.ts'
import { usageError } from '../support/errors.ts'
import { isOrphan } from './ownership.ts'

/** A run that acts on a named lab, alone. */
export interface LabHolder {
  run: string
  /** Its owners are written there: the lock is theirs, and dies with the last of them. */
  runFolder: string
  /** The command, for people. */
  pid: number
  /** Milliseconds since the epoch. */
  since: number
}

/**
 * Takes the lock of a named lab for a run: one run at a time acts on it. Nobody waits for it. Before the holder acts, it
 * recovers what the dead holders before it owe.
 *
 * @param home the home of the lab, where its lock is
 * @throws CHAOS_TARGET_LOCKED (usage), which names the holder
 */
export async function lockLab({ name, home }: { name: string; home: string }, asker: LabHolder): Promise<Claim> {
  const result = await claim(lockFolder(home), { name: asker.run, claimant: asker, isAlive: isHeld })
  if ('claim' in result) return result.claim
  const { run, pid, since } = result.holder
  throw usageError(
    'CHAOS_TARGET_LOCKED',
    `The lab "${name}" has been in use by run ${run} (process ${pid}) since ${new Date(since).toISOString()}. One run at a time acts on a target, so nothing was done. Wait until that run has ended, or stop it (kill -INT ${pid}): it puts the target back and lets go.`,
  )
}

/** The run that holds the lock of a named lab. */
export function labHolder({ home }: { home: string }): LabHolder | undefined {
  return claimants<LabHolder>(lockFolder(home)).find(isHeld)
}

function lockFolder(home: string): string {
  return join(home, 'lock')
}

/** Its command, its guardian, or whoever recovers it lives. */
function isHeld({ runFolder }: LabHolder): boolean {
  return !isOrphan(runFolder)
}

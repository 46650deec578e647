import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { privateFile, writeFileAtomically } from '../support/files.ts'
import { UndoRegistry } from './registry.ts'
import type { TargetKeeper, TargetLock } from './target-keeper.ts'
import type { TargetReference } from './types.ts'

/** The target that a run locks, as those need to know it who take over from its command. */
interface LockedTarget {
  target: TargetReference
  undoModules: string[]
}

const fileName = 'locked-target.json'
const attemptMs = 30_000

/** Locks a target for a run: written down first, so that whoever takes over can go on with the lock and give it back. */
export async function lockForRun(runFolder: string, locked: LockedTarget, signal: AbortSignal): Promise<HeldTarget> {
  const keeper = await keeperOf(locked)
  writeFileAtomically(join(runFolder, fileName), JSON.stringify(locked), privateFile)
  return { keeper, lock: await keeper.lock(locked.target, { run: basename(runFolder), signal }) }
}

export interface HeldTarget {
  keeper: TargetKeeper
  lock: TargetLock
}

/** Goes on with the lock of a run whose command has died; undefined when it held none, or does not hold it any more. */
export async function continueLock(runFolder: string): Promise<TargetLock | undefined> {
  const locked = lockedTargetOf(runFolder)
  if (!locked) return undefined
  const request = { run: basename(runFolder), signal: AbortSignal.timeout(attemptMs) }
  return await (await keeperOf(locked)).continueLock(locked.target, request)
}

/**
 * Locks the target of a run that has died, for as long as it is recovered; undefined when the run had locked none.
 *
 * @throws CHAOS_TARGET_LOCKED when another run has taken it since
 */
export async function lockForRecovery(runFolder: string): Promise<TargetLock | undefined> {
  const locked = lockedTargetOf(runFolder)
  if (!locked) return undefined
  const request = { run: recoveryId(), dead: basename(runFolder), signal: AbortSignal.timeout(attemptMs) }
  return await (await keeperOf(locked)).lock(locked.target, request)
}

/** By what a recovery goes where runs go by their ids. */
export function recoveryId(): string {
  return `recover-${randomUUID().slice(0, 8)}`
}

async function keeperOf({ target, undoModules }: LockedTarget): Promise<TargetKeeper> {
  const keeper = (await UndoRegistry.load(undoModules)).keeperOf(target)
  if (!keeper) throw new Error(`No module of ${undoModules.join(', ')} keeps the target ${target.name}.`)
  return keeper
}

function lockedTargetOf(runFolder: string): LockedTarget | undefined {
  const path = join(runFolder, fileName)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

import type { HeaderRecord, IntentRecord } from './log.ts'
import type { TargetReference } from './types.ts'

/**
 * A target that can be locked, and that remembers what is owed to it. A module exports its keeper beside its undo kinds;
 * like them it must import nothing of Vitest, since the guardian and `recover` load it.
 */
export interface TargetKeeper {
  /**
   * Takes a target for one run. The lock of a run that has died, as its missing heartbeat shows, is taken over.
   *
   * @throws CHAOS_TARGET_LOCKED (usage) when another run that lives has it
   */
  lock(target: TargetReference, request: LockRequest): Promise<TargetLock>

  /** Goes on with the lock of a run whose command has died; undefined when the run does not hold it any more. */
  continueLock(target: TargetReference, request: LockRequest): Promise<TargetLock | undefined>

  /** Where the target remembers what a run owes it. */
  record(target: TargetReference, run: string): OwedRecord

  /** What the target remembers that runs owe it, the latest run first. */
  owed(target: TargetReference, request: OwedRequest): Promise<OwedRun[]>
}

export interface LockRequest {
  /** The id of the run. */
  run: string
  /** A run of which it is known that it has died: its lock is free at once. */
  dead?: string
  /** Ends the attempt. */
  signal: AbortSignal
}

/** One run at a time acts on a target: it holds this, and keeps it until it gives it back. */
export interface TargetLock {
  /** The run that held it before and never gave it back. */
  readonly takenFrom?: string
  /** Aborts when another run has taken the target: this one must not act on it any more. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** What a target remembers of what one run owes it: kept there, so that it survives the runner's disk. */
export interface OwedRecord {
  /**
   * Remembers an intent. It is kept when this resolves.
   *
   * @throws what kept it from being remembered: the action must not start
   */
  intend(intent: IntentRecord, header: HeaderRecord): Promise<void>
  /** Forgets what was undone and read back. */
  settle(action: string, signal: AbortSignal): Promise<void>
  /**
   * Whether an action of the log is still to be undone by this run: not when another machine has recovered the target
   * since, nor when the action never got as far as to be remembered.
   */
  remembers(action: string, signal: AbortSignal): Promise<boolean>
}

export interface OwedRequest {
  /** The project's root: modules of the project's own undo kinds are remembered by their paths relative to it. */
  root: string
  signal: AbortSignal
}

/** What a run owes, as the target remembers it. */
export interface OwedRun {
  run: string
  /** The run in words: its id, its user, its machine. */
  holder: string
  /** Whether it holds the lock and was heard of lately. */
  live: boolean
  /** In the order in which the actions were performed. */
  intents: IntentRecord[]
  /** URLs of the modules that export the undo kinds. */
  undoModules: string[]
}

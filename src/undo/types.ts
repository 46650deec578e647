import type { ProcessIdentity } from '../support/processes.ts'

/**
 * What undoes an action, as data: any process of ours can carry it out, also after the one that wrote it has died.
 */
export interface Undo<Args = unknown> {
  /** The name of an undo kind, as in `kubernetes.podTemplate`. */
  kind: string
  /** The state to go back to: absolute, never relative to the present. Private: never in a journal. */
  args: Args
}

/** The address of a target and how to reach it, as data. Private: it names a kubeconfig. */
export interface TargetReference {
  /** `none`: there is no cluster, and what is about one is empty. */
  kind: 'lab' | 'kubernetes' | 'none'
  /** How people call it: `lab`, or the name of the kubeconfig's context. */
  name: string
  /** The path of a kubeconfig. */
  kubeconfig: string
  /** The context of that kubeconfig. */
  context: string
  /** Where the run acts, and what its lock is for. */
  namespace: string
  /** The process that the target lives and dies with: that of a lab. */
  process?: ProcessIdentity
}

/** What came of an undo. `target-gone`: what it would have changed does not exist any more. */
export type UndoOutcome = 'undone' | 'target-gone'

/**
 * How to carry out one kind of undo. Its module must import nothing of Vitest: the guardian and `recover` load it.
 */
export interface UndoKind<Args = unknown> {
  /** Its name, unique in the project: `queue.limit`. An undo that is owed names it. */
  kind: string
  /** In words, without secrets: `the pod template of deployment/service2 as it was`. */
  describe(args: Args): string
  /**
   * Puts the target back and reads back that it is so. It may run twice, and over an action that never happened.
   *
   * @throws when the target could not be put back, or could not be asked: then it is still owed.
   */
  undo(args: Args, context: UndoContext): Promise<UndoOutcome>
  /** Waits until the target has settled after the undo: an undone rollout is over. Bounded by the context's signal. */
  recovered?(args: Args, context: UndoContext): Promise<void>
}

/**
 * How to wait for a target that heals by itself: there is nothing to undo. It is owed until `recovered` resolves.
 */
export interface HealingKind<Args = unknown> {
  kind: string
  /** In words, without secrets: `the queue orders is drained`. */
  describe(args: Args): string
  /** Resolves when the target has healed. Bounded by the context's signal. @throws when it cannot be asked */
  recovered(args: Args, context: UndoContext): Promise<void>
}

/** Where an undo acts, and how long it may take. */
export interface UndoContext {
  /** The target of the run that owes it. */
  target: TargetReference
  /** Aborts at the deadline of the rollback. */
  signal: AbortSignal
}

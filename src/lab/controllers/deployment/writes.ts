import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'

/** What a sync of a deployment wants to be written, each an object as it should become. */
export type Write =
  | { type: 'create-replica-set'; replicaSet: ReplicaSet }
  | { type: 'update-replica-set'; replicaSet: ReplicaSet }
  | { type: 'scale-replica-set'; replicaSet: ReplicaSet; from: number }
  | { type: 'delete-replica-set'; replicaSet: ReplicaSet }
  | { type: 'update-status'; deployment: Deployment }

/** What one sync of a deployment comes to. Each write that is refused ends it: the next one decides anew. */
export interface Decision {
  /** In this order. */
  writes: Write[]
  /** When to look again though nothing happens, in milliseconds from now. */
  againAfterMs?: number
}

/** The ReplicaSets of a deployment at one moment. */
export interface Rollout {
  deployment: Deployment
  /** The one that has the deployment's template; there is none before it is created. */
  current: ReplicaSet | undefined
  /** The others, oldest first. */
  old: readonly ReplicaSet[]
}

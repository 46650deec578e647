/** The times and limits of the controllers. Each is Kubernetes' own unless its comment says otherwise. */

/** Pods that one sync of a ReplicaSet creates or deletes at most. */
export const burstReplicas = 500

/** How many pods a ReplicaSet creates at first; doubled as long as all are accepted. */
export const slowStartPods = 1

/** How long a ReplicaSet waits to see the pods that it created or deleted, in milliseconds. */
export const expectationsTimeoutMs = 5 * 60_000

/** `progressDeadlineSeconds` that stands for: no deadline. */
export const noProgressDeadlineSeconds = 2 ** 31 - 1

/** Longest list of revisions that a ReplicaSet remembers, in characters. */
export const revisionHistoryLength = 2_000

/** How often a namespace that ends looks whether it is empty, in milliseconds (upstream: the pods' grace period). */
export const namespacePollMs = 200

/** How long an eviction that was allowed may take to show, before the budget counts the pod again, in milliseconds. */
export const disruptedPodTimeoutMs = 2 * 60_000

/** How long a node may be silent before it is held for lost, in milliseconds (node-monitor-grace-period). */
export const nodeGraceMs = 40_000

/** How long the pods of a node that is gone from the API are left alone, in milliseconds. */
export const orphanedPodGraceMs = 40_000

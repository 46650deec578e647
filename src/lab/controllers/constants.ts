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

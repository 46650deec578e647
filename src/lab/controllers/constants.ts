/** The times and limits of the controllers. Each is Kubernetes' own unless its comment says otherwise. */

/** Pods that one sync of a ReplicaSet creates or deletes at most. */
export const BURST_REPLICAS = 500

/** How many pods a ReplicaSet creates at first; doubled as long as all are accepted. */
export const SLOW_START_PODS = 1

/** How long a ReplicaSet waits to see the pods that it created or deleted, in milliseconds. */
export const EXPECTATIONS_TIMEOUT_MS = 5 * 60_000

/** `progressDeadlineSeconds` that stands for: no deadline. */
export const NO_PROGRESS_DEADLINE_SECONDS = 2 ** 31 - 1

/** Longest list of revisions that a ReplicaSet remembers, in characters. */
export const REVISION_HISTORY_LENGTH = 2_000

/** How often a namespace that ends looks whether it is empty, in milliseconds (upstream: the pods' grace period). */
export const NAMESPACE_POLL_MS = 200

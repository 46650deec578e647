/** Every time that the kubelet keeps of its own accord, in milliseconds. */
export interface KubeletTimings {
  /** The wait before the second restart of a container; it doubles with each further one. The first is at once. */
  restartBackoffMs: number
  longestRestartBackoffMs: number
  /** The wait before an image that was not found, or a missing configuration, is looked up again; it doubles. */
  retryBackoffMs: number
  longestRetryBackoffMs: number
  /** How long a pod shows its first error (as `ErrImagePull`) before it shows that it waits (`ImagePullBackOff`). */
  firstErrorShownMs: number
  /** The least time between SIGTERM and SIGKILL, however short the grace period. */
  leastGraceMs: number
  /** How long after its start a container is seen to run, whereupon its readiness is probed for the first time. */
  startSeenMs: number
  /** How often the node says that it is alive. */
  nodeStatusMs: number
  /** The wait before a status that the API server did not take is written again. */
  statusRetryMs: number
}

/** The times of the Kubernetes kubelet, by their names there. */
export const kubernetesTimings: KubeletTimings = {
  restartBackoffMs: 10_000, // backOffPeriod
  longestRestartBackoffMs: 300_000, // MaxContainerBackOff
  retryBackoffMs: 10_000, // imageBackOff
  longestRetryBackoffMs: 300_000, // MaxContainerBackOff
  firstErrorShownMs: 1_000, // until the next sync of the pod there: one to some seconds
  leastGraceMs: 2_000, // minimumGracePeriodInSeconds
  startSeenMs: 500, // genericPlegRelistPeriod: it looks once a second there, so this is the mean
  nodeStatusMs: 10_000, // nodeStatusUpdateFrequency
  statusRetryMs: 500, // until the next sync of the pod there
}

/** What Kubernetes waits between SIGTERM and SIGKILL when a pod does not say. */
export const defaultGraceSeconds = 30

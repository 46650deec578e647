import type { Condition, DaemonSet, Deployment, StatefulSet } from '../api/resources.ts'

/** Where a rollout is. */
export interface RolloutProgress {
  state: 'progressing' | 'complete' | 'deadline-exceeded'
  /** In words: `1 of 1 updated, 2 available, waiting for the old pod to end`. */
  message: string
  counts: RolloutCounts
  /** What Kubernetes says of it: the condition `Progressing`. */
  condition?: Condition
}

export interface RolloutCounts {
  desired: number
  updated: number
  available: number
  /** Pods of any version that are not available (yet). */
  unavailable: number
  /** Old pods that still stand. */
  old: number
}

/**
 * Where the rollout of a deployment is, by its status: after the rules of the Kubernetes documentation ("Deployment
 * status") and of `kubectl rollout status`. A status that does not know the present spec yet says nothing of it.
 */
export function progressOf(deployment: Deployment): RolloutProgress {
  const { spec, status = {}, metadata } = deployment
  const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status
  const unavailable = Math.max(0, replicas - available)
  const old = Math.max(0, replicas - updated)
  const counts: RolloutCounts = { desired: spec.replicas, updated, available, unavailable, old }
  if ((status.observedGeneration ?? 0) < metadata.generation) {
    // What it counts as updated is of the spec before: all of it is old now.
    const allOld = { ...counts, updated: 0, old: replicas }
    return { state: 'progressing', message: 'waiting for the change to be observed', counts: allOld }
  }

  const condition = conditionOf(deployment, 'Progressing')
  const waiting = waitingFor(counts)
  const state = waiting === '' ? 'complete' : isOverdue(condition) ? 'deadline-exceeded' : 'progressing'
  return { state, message: messageFor(deployment, state, counts), counts, ...(condition ? { condition } : {}) }
}

/**
 * Where the rollout of a stateful set is, after the rules of `kubectl rollout status`. It names no deadline. Pods below a
 * partition stay as they are, and those of the strategy `OnDelete` wait for somebody to delete them.
 */
export function progressOfStatefulSet({ spec, status = {}, metadata }: StatefulSet): RolloutProgress {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, currentRevision, updateRevision } = status
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {}
  const toUpdate = type === 'OnDelete' ? 0 : Math.max(0, spec.replicas - (rollingUpdate?.partition ?? 0))
  // The controller counts as updated only what is not of the current revision, until all of it is.
  const updated = currentRevision === updateRevision ? replicas : updatedReplicas
  const counts: RolloutCounts = {
    desired: spec.replicas,
    updated,
    available: readyReplicas,
    unavailable: Math.max(0, replicas - readyReplicas),
    old: Math.max(0, toUpdate - updated),
  }
  const isObserved = (status.observedGeneration ?? 0) >= metadata.generation
  return simpleProgress(counts, isObserved, updated >= toUpdate && replicas === spec.replicas)
}

/** Where the rollout of a daemon set is, after the rules of `kubectl rollout status`. It names no deadline. */
export function progressOfDaemonSet({ spec, status = {}, metadata }: DaemonSet): RolloutProgress {
  const { desiredNumberScheduled: desired = 0, updatedNumberScheduled = 0, numberAvailable: available = 0 } = status
  const updated = spec.updateStrategy?.type === 'OnDelete' ? desired : updatedNumberScheduled
  const unavailable = Math.max(0, desired - available)
  const counts: RolloutCounts = { desired, updated, available, unavailable, old: Math.max(0, desired - updated) }
  return simpleProgress(counts, (status.observedGeneration ?? 0) >= metadata.generation, updated >= desired)
}

function simpleProgress(counts: RolloutCounts, isObserved: boolean, isUpdated: boolean): RolloutProgress {
  if (!isObserved) return { state: 'progressing', message: 'waiting for the change to be observed', counts }
  const { desired, updated, available, unavailable } = counts
  const told = `${updated} of ${desired} updated, ${available} available`
  if (isUpdated && unavailable === 0 && available >= desired) return { state: 'complete', message: told, counts }
  const waiting = isUpdated ? 'pods to be available' : 'the other pods to be replaced'
  return { state: 'progressing', message: `${told}, waiting for ${waiting}`, counts }
}

function conditionOf({ status }: Deployment, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

function isOverdue(condition: Condition | undefined): boolean {
  return condition?.reason === 'ProgressDeadlineExceeded'
}

function waitingFor({ desired, updated, unavailable, old }: RolloutCounts): string {
  if (updated < desired) return desired - updated === 1 ? 'the new pod' : `${desired - updated} new pods`
  if (unavailable > 0) return unavailable === 1 ? 'a pod to be available' : `${unavailable} pods to be available`
  if (updated > desired)
    return updated - desired === 1 ? 'a pod too many to end' : `${updated - desired} pods too many to end`
  if (old > 0) return old === 1 ? 'the old pod to end' : `${old} old pods to end`
  return ''
}

function messageFor(deployment: Deployment, state: RolloutProgress['state'], counts: RolloutCounts): string {
  const waiting = waitingFor(counts)
  const failure = conditionOf(deployment, 'ReplicaFailure')
  return [
    `${counts.updated} of ${counts.desired} updated, ${counts.available} available`,
    ...(waiting === '' ? [] : [`waiting for ${waiting}`]),
    ...(deployment.spec.paused ? ['paused'] : []),
    ...(state === 'deadline-exceeded' ? ['the progress deadline is exceeded'] : []),
    ...(failure?.status === 'True' ? [failure.message ?? 'pods cannot be created'] : []),
  ].join(', ')
}

import type { Condition, Deployment } from './resources.ts'

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
    return { state: 'progressing', message: 'waiting for the change to be observed', counts }
  }

  const condition = conditionOf(deployment, 'Progressing')
  const waiting = waitingFor(counts)
  const state = waiting === '' ? 'complete' : isOverdue(condition) ? 'deadline-exceeded' : 'progressing'
  return { state, message: messageFor(deployment, state, counts), counts, ...(condition ? { condition } : {}) }
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

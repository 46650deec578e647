import { isDeepStrictEqual } from 'node:util'
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { replicasOf, sum, withoutZeros } from '../objects.ts'
import {
  condition,
  conditionOf,
  hasProgressDeadline,
  newReplicaSetAvailable,
  progressDeadlineExceeded,
  withCondition,
  withoutCondition,
  withRefreshedCondition,
} from './conditions.ts'
import { surgeAndUnavailable } from './fenceposts.ts'
import { allOf, totalAvailable, totalReplicas } from './replica-sets.ts'
import type { Decision, Rollout } from './writes.ts'

/** The counts and the Available condition, from what the ReplicaSets say of themselves. */
function statusOf(rollout: Rollout, now: number): DeploymentStatus {
  const { deployment, current } = rollout
  const all = allOf(rollout)
  const available = totalAvailable(all)
  const { collisionCount, conditions = [] } = deployment.status ?? {}
  return withoutZeros({
    ...(collisionCount === undefined ? {} : { collisionCount }),
    observedGeneration: deployment.metadata?.generation ?? 0,
    replicas: sum(all.map(({ status }) => status?.replicas ?? 0)),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(all.map(({ status }) => status?.readyReplicas ?? 0)),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalReplicas(all) - available),
    conditions: withCondition(conditions, availability(deployment, available, now)),
  })
}

/** Writes the status if it changed; the Progressing condition stays as it is. */
export function updateStatus(rollout: Rollout, now: number): Decision {
  return statusChange(rollout.deployment, statusOf(rollout, now)) ?? { writes: [] }
}

/**
 * Writes the status if it changed, with how the rollout goes: progressing, complete, or stuck for longer than its
 * deadline. Where nothing changed, it looks again when the deadline is over.
 */
export function updateRolloutStatus(rollout: Rollout, now: number): Decision {
  const { deployment } = rollout
  const status = statusOf(rollout, now)
  const conditions = withReplicaFailure(withProgress(rollout, status, now), rollout)
  const next = { ...status, conditions }
  return statusChange(deployment, next) ?? { writes: [], ...untilDeadline(deployment, next, now) }
}

/** Whether all pods are of the current template and available, and no others are left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus = {}): boolean {
  const desired = replicasOf(deployment)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  const observed = observedGeneration >= (deployment.metadata?.generation ?? 0)
  return updatedReplicas === desired && replicas === desired && availableReplicas === desired && observed
}

/** A write of the status; undefined when it is the one that is there. */
function statusChange(deployment: Deployment, status: DeploymentStatus): Decision | undefined {
  if (isDeepStrictEqual(withoutZeros(deployment.status ?? {}), withoutZeros(status))) return undefined
  return { writes: [{ type: 'update-status', deployment: { ...deployment, status } }] }
}

function availability(deployment: Deployment, available: number, now: number): DeploymentCondition {
  const enough = available >= replicasOf(deployment) - surgeAndUnavailable(deployment).unavailable
  return enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      )
}

function withProgress({ deployment, current }: Rollout, next: DeploymentStatus, now: number): DeploymentCondition[] {
  const conditions = next.conditions ?? []
  if (!hasProgressDeadline(deployment)) return withoutCondition(conditions, 'Progressing')
  const present = conditionOf(deployment.status, 'Progressing')
  const wasComplete = (next.replicas ?? 0) === (next.updatedReplicas ?? 0) && present?.reason === newReplicaSetAvailable
  if (wasComplete) return [...conditions]

  const subject = current ? `ReplicaSet "${current.metadata?.name}"` : `Deployment "${deployment.metadata?.name}"`
  if (isComplete(deployment, next)) {
    const message = `${subject} has successfully progressed.`
    return withCondition(conditions, condition('Progressing', 'True', newReplicaSetAvailable, message, now))
  }
  if (hasProgressed(deployment.status ?? {}, next)) {
    const message = `${subject} is progressing.`
    return withRefreshedCondition(conditions, condition('Progressing', 'True', 'ReplicaSetUpdated', message, now))
  }
  if (hasTimedOut(deployment, next, now)) {
    const message = `${subject} has timed out progressing.`
    return withCondition(conditions, condition('Progressing', 'False', progressDeadlineExceeded, message, now))
  }
  return [...conditions]
}

/** Whether there are more new pods, fewer old ones, or more that are ready or available. */
function hasProgressed(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: number): boolean {
  const progressing = conditionOf(status, 'Progressing')
  if (!progressing || progressing.reason === newReplicaSetAvailable) return false
  return progressing.reason === progressDeadlineExceeded || deadlineOf(deployment, progressing) < now
}

function untilDeadline(deployment: Deployment, status: DeploymentStatus, now: number): { againAfterMs?: number } {
  const progressing = conditionOf(status, 'Progressing')
  if (!hasProgressDeadline(deployment) || !progressing || progressing.reason === progressDeadlineExceeded) return {}
  if (isComplete(deployment, status)) return {}
  const remaining = deadlineOf(deployment, progressing) - now
  return { againAfterMs: remaining < 1000 ? Math.max(remaining, 0) + 10 : remaining + 1000 }
}

function deadlineOf(deployment: Deployment, progressing: DeploymentCondition): number {
  return Date.parse(progressing.lastUpdateTime ?? '') + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000
}

/** That pods could not be created shows in the deployment too: the current ReplicaSet's word first. */
function withReplicaFailure(conditions: DeploymentCondition[], { current, old }: Rollout): DeploymentCondition[] {
  const failure = [...(current ? [current] : []), ...old].map(failureOf).find((found) => found !== undefined)
  return failure ? withCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure')
}

function failureOf(replicaSet: ReplicaSet): DeploymentCondition | undefined {
  const failure = replicaSet.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  return (
    failure && { ...failure, ...(failure.lastTransitionTime ? { lastUpdateTime: failure.lastTransitionTime } : {}) }
  )
}

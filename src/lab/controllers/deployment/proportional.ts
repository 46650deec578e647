import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { byAge, creationOf, replicasOf } from '../objects.ts'
import { surgeAndUnavailable } from './fenceposts.ts'
import { scaleOldToZero } from './recreate.ts'
import { allOf, availableReplicas, rescaling, totalReplicas } from './replica-sets.ts'
import { desiredReplicasAnnotation, maxReplicasAnnotation, numberAnnotation } from './revisions.ts'
import type { Rollout, Write } from './writes.ts'

/** Whether the deployment was scaled since its ReplicaSets were. */
export function isScalingEvent(rollout: Rollout): boolean {
  const desired = replicasOf(rollout.deployment)
  return activeOf(rollout).some((replicaSet) => {
    const scaledFor = numberAnnotation(replicaSet, desiredReplicasAnnotation)
    return scaledFor !== undefined && scaledFor !== desired
  })
}

/**
 * Scales the ReplicaSets to a new size of the deployment. In the middle of a rolling update each grows or shrinks in
 * proportion to its share, so that the mixture of versions, and the risk with it, stays what it was.
 */
export function scaleProportionally(rollout: Rollout): Write[] {
  const { deployment, current } = rollout
  const desired = replicasOf(deployment)
  const active = activeOf(rollout)
  if (active.length <= 1) {
    const only = active[0] ?? current ?? rollout.old.at(-1)
    return only ? rescaling(deployment, only, desired) : []
  }
  if (current && isSaturated(current, desired)) return scaleOldToZero(rollout)
  if (deployment.spec?.strategy?.type === 'Recreate') return []
  return shares(rollout, active)
}

function shares({ deployment }: Rollout, active: readonly ReplicaSet[]): Write[] {
  const desired = replicasOf(deployment)
  const allowed = desired > 0 ? desired + surgeAndUnavailable(deployment).surge : 0
  const toAdd = allowed - totalReplicas(active)
  let added = 0
  const sizes = largestFirst(active, toAdd).map((replicaSet) => {
    const share = toAdd === 0 ? 0 : shareOf(replicaSet, allowed, deployment.status?.replicas ?? 0)
    const left = toAdd - added
    const change = toAdd > 0 ? Math.min(share, left) : Math.max(share, left)
    added += change
    return { replicaSet, size: replicasOf(replicaSet) + change }
  })
  return sizes.flatMap(({ replicaSet, size }, index) => {
    const leftover = index === 0 ? toAdd - added : 0
    return rescaling(deployment, replicaSet, Math.max(0, size + leftover))
  })
}

/** How much the ReplicaSet must change to keep its share of all the pods that are allowed. */
function shareOf(replicaSet: ReplicaSet, allowed: number, fallback: number): number {
  const replicas = replicasOf(replicaSet)
  if (allowed === 0) return -replicas
  const allowedBefore = numberAnnotation(replicaSet, maxReplicasAnnotation) || fallback
  return allowedBefore === 0 ? 0 : Math.round((replicas * allowed) / allowedBefore) - replicas
}

/** Of equally large ones the newer first when pods are added, the older when they are taken away. */
function largestFirst(replicaSets: readonly ReplicaSet[], toAdd: number): ReplicaSet[] {
  const tie = (a: ReplicaSet, b: ReplicaSet) => (toAdd > 0 ? creationOf(b) - creationOf(a) || byAge(a, b) : byAge(a, b))
  return [...replicaSets].sort((a, b) => replicasOf(b) - replicasOf(a) || tie(a, b))
}

function isSaturated(current: ReplicaSet, desired: number): boolean {
  return (
    numberAnnotation(current, desiredReplicasAnnotation) === desired &&
    replicasOf(current) === desired &&
    availableReplicas(current) === desired
  )
}

function activeOf(rollout: Rollout): ReplicaSet[] {
  return allOf(rollout).filter((replicaSet) => replicasOf(replicaSet) > 0)
}

import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { replicasOf } from '../objects.ts'
import { surgeAndUnavailable } from './fenceposts.ts'
import {
  afterWrites,
  allOf,
  availableReplicas,
  replicasForCurrent,
  scaling,
  totalAvailable,
  totalReplicas,
} from './replica-sets.ts'
import type { Rollout, Write } from './writes.ts'

/** One step of a rolling update: the current ReplicaSet grows as far as it may, or else the old ones shrink. */
export function rollingUpdateStep(rollout: Rollout): Write[] {
  const growth = scaleCurrent(rollout)
  return growth.length > 0 ? growth : scaleOldDown(rollout)
}

function scaleCurrent(rollout: Rollout): Write[] {
  const { deployment, current } = rollout
  if (!current) return []
  const [own, desired] = [replicasOf(current), replicasOf(deployment)]
  if (own > desired) return scaling(deployment, current, desired)
  return scaling(deployment, current, replicasForCurrent(deployment, allOf(rollout), own))
}

/** Pods that are not available go first, as far as those of the current template that are not yet available allow. */
function scaleOldDown(rollout: Rollout): Write[] {
  const { deployment, current, old } = rollout
  if (!current || totalReplicas(old) === 0) return []
  const leastAvailable = replicasOf(deployment) - surgeAndUnavailable(deployment).unavailable
  const newUnavailable = replicasOf(current) - availableReplicas(current)
  const spare = totalReplicas(allOf(rollout)) - leastAvailable - newUnavailable
  if (spare <= 0) return []

  const unhealthy = shrink(rollout, spare, (replicaSet) => replicasOf(replicaSet) - availableReplicas(replicaSet))
  const cleaned = afterWrites(rollout, unhealthy)
  const healthy = shrink(cleaned, totalAvailable(allOf(cleaned)) - leastAvailable, replicasOf)
  return merged(unhealthy, healthy)
}

/** Takes at most `budget` replicas from the old ReplicaSets, oldest first, from each what `removable` says. */
function shrink({ deployment, old }: Rollout, budget: number, removable: (replicaSet: ReplicaSet) => number): Write[] {
  let left = budget
  return old.flatMap((replicaSet) => {
    const taken = Math.max(0, Math.min(left, removable(replicaSet), replicasOf(replicaSet)))
    left -= taken
    return scaling(deployment, replicaSet, replicasOf(replicaSet) - taken)
  })
}

/** One write for a ReplicaSet that is scaled twice: from where it was to where it ends. */
function merged(first: readonly Write[], second: readonly Write[]): Write[] {
  const uidOf = (write: Write) => ('replicaSet' in write ? write.replicaSet.metadata?.uid : undefined)
  const again = new Map(second.map((write) => [uidOf(write), write]))
  const once = first.map((write) => {
    const later = again.get(uidOf(write))
    again.delete(uidOf(write))
    return later?.type === 'scale-replica-set' && write.type === 'scale-replica-set'
      ? { ...later, from: write.from }
      : write
  })
  return [...once, ...again.values()]
}

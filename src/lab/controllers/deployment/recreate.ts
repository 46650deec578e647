import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { controllerOf, hasEnded, replicasOf } from '../objects.ts'
import { scaling } from './replica-sets.ts'
import type { Rollout, Write } from './writes.ts'

/** Ends every pod of an old template. */
export function scaleOldToZero({ deployment, old }: Rollout): Write[] {
  return old.flatMap((replicaSet) => scaling(deployment, replicaSet, 0))
}

/** Starts all pods of the current template. */
export function scaleCurrentToFull({ deployment, current }: Rollout): Write[] {
  return current ? scaling(deployment, current, replicasOf(deployment)) : []
}

/** Whether a pod of an old template still lives, be it on its way out. */
export function hasOldPods({ current, old }: Rollout, pods: readonly Pod[]): boolean {
  if (old.some(({ status }) => (status?.replicas ?? 0) > 0)) return true
  return pods.some((pod) => controllerOf(pod)?.uid !== current?.metadata?.uid && !hasEnded(pod))
}

import { isDeepStrictEqual } from 'node:util'
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { hasLabels } from '../../labels.ts'
import { apiTime } from '../../time.ts'
import { readySince, withoutZeros } from '../objects.ts'

/** Why pods could not be created or deleted. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  message: string
}

/** The counts of its active pods. A pod is available when it has been ready for `minReadySeconds`. */
export function statusOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const labels = replicaSet.spec?.template?.metadata?.labels ?? {}
  const minReadyMs = (replicaSet.spec?.minReadySeconds ?? 0) * 1000
  return {
    ...withoutZeros({
      fullyLabeledReplicas: pods.filter((pod) => hasLabels(labels, pod.metadata?.labels)).length,
      readyReplicas: pods.filter((pod) => readySince(pod) !== undefined).length,
      availableReplicas: pods.filter((pod) => isAvailable(pod, minReadyMs, now)).length,
      observedGeneration: replicaSet.metadata?.generation ?? 0,
    }),
    replicas: pods.length,
    ...conditionsWith(replicaSet, failure, now),
  }
}

/** Whether a status says something else than the one that is there. */
export function isNewStatus(replicaSet: ReplicaSet, status: ReplicaSetStatus): boolean {
  return !isDeepStrictEqual(withoutZeros(replicaSet.status ?? {}), withoutZeros(status))
}

function isAvailable(pod: Pod, minReadyMs: number, now: number): boolean {
  const since = readySince(pod)
  if (since === undefined) return false
  return minReadyMs === 0 || since + minReadyMs < now
}

function conditionsWith(
  replicaSet: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: number,
): { conditions?: ReplicaSetCondition[] } {
  const present = replicaSet.status?.conditions ?? []
  const others = present.filter(({ type }) => type !== 'ReplicaFailure')
  if (!failure) return others.length > 0 ? { conditions: others } : {}
  const known = present.find(({ type, reason }) => type === 'ReplicaFailure' && reason === failure.reason)
  const noted = { type: 'ReplicaFailure', status: 'True', lastTransitionTime: apiTime(now), ...failure }
  return { conditions: [...others, known ?? noted] }
}

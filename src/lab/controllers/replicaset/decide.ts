import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { replicaSets } from '../../client/resources.ts'
import { burstReplicas } from '../constants.ts'
import { replicasOf } from '../objects.ts'
import { controllerReference } from '../ownership.ts'
import { byDeletionOrder } from './deletion-order.ts'

/** What a ReplicaSet lacks, or has too much of. */
export interface Difference {
  create: number
  remove: readonly Pod[]
}

/** The pods to create or to delete now, so that there are as many as asked for. `pods` are its active ones. */
export function differenceOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  podsOnNode: (node: string) => number,
): Difference {
  const difference = pods.length - replicasOf(replicaSet)
  if (difference < 0) return { create: Math.min(-difference, burstReplicas), remove: [] }
  if (difference === 0) return { create: 0, remove: [] }
  const ordered = difference < pods.length ? byDeletionOrder(pods, podsOnNode) : pods
  return { create: 0, remove: ordered.slice(0, Math.min(difference, burstReplicas)) }
}

/** A pod of a ReplicaSet, to be created: the server completes its name. */
export function podOf(replicaSet: ReplicaSet): Pod {
  const { metadata = {}, spec } = replicaSet
  const { template } = spec ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${metadata.name}-`,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      ...(template?.metadata?.labels ? { labels: template.metadata.labels } : {}),
      ...(template?.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [controllerReference(replicaSet, replicaSets)],
    },
    ...(template?.spec ? { spec: template.spec } : {}),
  }
}

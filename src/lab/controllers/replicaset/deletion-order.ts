import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { creationOf, readySince, sum } from '../objects.ts'

/**
 * The pods in the order in which a ReplicaSet gives them up: those first that serve least. `podsOnNode` says how many
 * pods of the same deployment there are on a node.
 */
export function byDeletionOrder(pods: readonly Pod[], podsOnNode: (node: string) => number): Pod[] {
  return [...pods].sort((a, b) => {
    for (const rank of ranks) {
      const difference = rank(a, podsOnNode) - rank(b, podsOnNode)
      if (difference !== 0) return difference
    }
    return 0
  })
}

type Rank = (pod: Pod, podsOnNode: (node: string) => number) => number

const phaseOrder = ['Pending', 'Unknown', 'Running']

/** In order of importance; the smaller number is deleted first. */
const ranks: readonly Rank[] = [
  (pod) => (pod.spec?.nodeName ? 1 : 0),
  (pod) => phaseOrder.indexOf(pod.status?.phase ?? 'Pending'),
  (pod) => (readySince(pod) === undefined ? 0 : 1),
  (pod) => Number(pod.metadata?.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0,
  (pod, podsOnNode) => -podsOnNode(pod.spec?.nodeName ?? ''),
  (pod) => -(readySince(pod) ?? 0),
  (pod) => -sum((pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
  (pod) => -creationOf(pod),
]

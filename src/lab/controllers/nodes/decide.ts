import type { Node, NodeCondition, Pod, Taint } from 'kubernetes-types/core/v1.d.ts'
import { notReadyTaint, tolerates, unreachableTaint, unschedulableTaint } from '../../taints.ts'
import { apiTime } from '../../time.ts'

/** The taints that a node is to have: those that others gave it, and those that say what has become of it. */
export function taintsOf({ spec = {}, status = {} }: Node, now: number): Taint[] {
  const present = spec.taints ?? []
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status
  const own: Taint[] = [
    ...(spec.unschedulable ? [{ key: unschedulableTaint, effect: 'NoSchedule' }] : []),
    ...(ready === 'False' ? lost(notReadyTaint) : []),
    ...(ready === 'Unknown' ? lost(unreachableTaint) : []),
  ]
  const ours = [unschedulableTaint, notReadyTaint, unreachableTaint]
  const kept = present.filter(({ key }) => !ours.includes(key))
  const given = own.map(
    (taint) => present.find((other) => isSame(other, taint)) ?? { ...taint, timeAdded: apiTime(now) },
  )
  return [...kept, ...given]
}

function lost(key: string): Taint[] {
  return ['NoSchedule', 'NoExecute'].map((effect) => ({ key, effect }))
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

/** What a kubelet says of its node, and nobody knows when it is silent. Conditions of others stay as they are. */
const kubeletConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** The conditions of a node that has been silent for too long: nobody knows. Undefined when they say so already. */
export function unknownConditions({ metadata, status = {} }: Node, now: number): NodeCondition[] | undefined {
  const present = new Map(status.conditions?.map((condition) => [condition.type, condition]))
  if (kubeletConditions.every((type) => present.get(type)?.status === 'Unknown')) return undefined
  const unknown = { status: 'Unknown', lastTransitionTime: apiTime(now) }
  const lastHeartbeatTime = metadata?.creationTimestamp ?? apiTime(now)
  return kubeletConditions.map((type) => {
    const known = present.get(type)
    if (known?.status === 'Unknown') return known
    return known
      ? { ...known, ...unknown, reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
      : {
          type,
          ...unknown,
          lastHeartbeatTime,
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
        }
  })
}

/**
 * When a pod is to leave its node for its taints, in milliseconds since the epoch: at once where it does not tolerate
 * one, or when the shortest time is over for which it tolerates them. Undefined: it may stay.
 */
export function evictionTime({ spec }: Pod, taints: readonly Taint[], noticedAt: number): number | undefined {
  const expelling = taints.filter(({ effect }) => effect === 'NoExecute')
  const times = expelling.map((taint) => {
    const tolerations = (spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (tolerations.length === 0) return noticedAt
    const seconds = tolerations.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY)
    return noticedAt + Math.max(0, Math.min(...seconds)) * 1000
  })
  const first = Math.min(...times)
  return Number.isFinite(first) ? first : undefined
}

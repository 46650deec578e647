import type { EndpointAddress, EndpointSubset, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import { hasEnded, isBeingDeleted, readySince } from '../objects.ts'
import { byAddress, portsOf, referenceTo } from './pods.ts'

/**
 * The addresses behind a service: of the pods that it selects, those that are ready, and apart from them those that are
 * not. A pod that is on its way out is in neither. Pods whose ports differ make subsets of their own.
 */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const publishAll = service.spec?.publishNotReadyAddresses ?? false
  const subsets = new Map<string, Required<EndpointSubset>>()
  for (const pod of pods.filter((candidate) => isCandidate(candidate, publishAll)).sort(byAddress)) {
    const ports = portsOf(service, pod)
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) continue
    const isReady = publishAll || readySince(pod) !== undefined
    if (!isReady && !mayBecomeReady(pod)) continue
    const key = JSON.stringify(ports)
    const subset = subsets.get(key) ?? { addresses: [], notReadyAddresses: [], ports }
    subset[isReady ? 'addresses' : 'notReadyAddresses'].push(addressOf(pod))
    subsets.set(key, subset)
  }
  return [...subsets.values()].map(withoutEmptyLists)
}

function isCandidate(pod: Pod, publishAll: boolean): boolean {
  return pod.status?.podIP !== undefined && (publishAll || !isBeingDeleted(pod))
}

function mayBecomeReady(pod: Pod): boolean {
  if (pod.spec?.restartPolicy === 'Never') return !hasEnded(pod)
  return pod.spec?.restartPolicy !== 'OnFailure' || pod.status?.phase !== 'Succeeded'
}

function addressOf(pod: Pod): EndpointAddress {
  return {
    ip: pod.status?.podIP ?? '',
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: referenceTo(pod),
  }
}

function withoutEmptyLists(subset: Required<EndpointSubset>): EndpointSubset {
  return Object.fromEntries(Object.entries(subset).filter(([, list]) => list.length > 0))
}

import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts'
import type { KubernetesObject } from '../client/resources.ts'

/** How many pods are asked for. */
export function replicasOf(workload: Deployment | ReplicaSet): number {
  return workload.spec?.replicas ?? 1
}

/** A number of pods, or a share as in `25%` of those asked for, rounded. */
export function amountOf(value: number | string, of: number, round: (amount: number) => number): number {
  if (typeof value === 'number') return value
  return value.endsWith('%') ? round((Number(value.slice(0, -1)) * of) / 100) : Number(value)
}

/** The owner that manages the object, which has one at most. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((owner) => owner.controller)
}

export function isBeingDeleted(object: KubernetesObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined
}

/** Oldest first, by name where the time does not tell. */
export function byAge(a: KubernetesObject, b: KubernetesObject): number {
  const [ageOf, nameOf] = [creationOf, (object: KubernetesObject) => object.metadata?.name ?? '']
  return ageOf(a) - ageOf(b) || nameOf(a).localeCompare(nameOf(b))
}

export function creationOf(object: KubernetesObject): number {
  return Date.parse(object.metadata?.creationTimestamp ?? '') || 0
}

/** Neither ended nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !isBeingDeleted(pod)
}

export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** When the pod became ready, in milliseconds since the epoch; undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready')
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime ?? '') || 0 : undefined
}

/** The same value without members that are 0, as the API writes counts. */
export function withoutZeros<T extends object>(counts: T): T {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0 && value !== undefined)) as T
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

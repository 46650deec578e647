import type { Pod } from '../api/resources.ts'

/** Whether users are sent to a pod: it says that it is ready, and is not ending. */
export function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return ready && metadata.deletionTimestamp === undefined
}

/** How many of these pods are ready and belong to the owner with this UID. */
export function countReady(pods: readonly Pod[], owner: string): number {
  return pods.filter((pod) => isReady(pod) && isOwnedBy(pod, owner)).length
}

function isOwnedBy({ metadata }: Pod, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false
}

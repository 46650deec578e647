import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { KubernetesObject } from '../../client/resources.ts'
import { revisionHistoryLength } from '../constants.ts'
import { replicasOf } from '../objects.ts'
import { surgeAndUnavailable } from './fenceposts.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
/** What the deployment asked for when the ReplicaSet was last scaled. */
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
/** The most pods that the deployment allowed when the ReplicaSet was last scaled. */
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** Annotations of a deployment that its ReplicaSets do not take over. */
const notInherited = new Set([
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
  'kubectl.kubernetes.io/last-applied-configuration',
])

export type Annotations = Record<string, string>

/** The revision of a deployment or of one of its ReplicaSets; 0 when it has none yet. */
export function revisionOf(object: KubernetesObject): number {
  return Number(object.metadata?.annotations?.[revisionAnnotation] ?? 0) || 0
}

/** The revision that a ReplicaSet has when it becomes the current one after these. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1
}

/** An annotation that is a number; undefined when it is absent or something else. */
export function numberAnnotation(object: KubernetesObject, name: string): number | undefined {
  const value = object.metadata?.annotations?.[name]
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

/**
 * The annotations of a ReplicaSet that is now the current one: those of the deployment, its revision, and, where an
 * earlier rollout is gone back to, the revisions that it had before.
 */
export function annotationsAsCurrent(deployment: Deployment, replicaSet: ReplicaSet, revision: number): Annotations {
  const own = replicaSet.metadata?.annotations ?? {}
  const annotations = { ...own, ...inherited(deployment) }
  const earlier = own[revisionAnnotation]
  if (revisionOf(replicaSet) >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (earlier !== undefined)
    annotations[revisionHistoryAnnotation] = extendedHistory(own[revisionHistoryAnnotation], earlier)
  return annotations
}

/** The annotations that tell a later sync how large the deployment was when the ReplicaSet was scaled. */
export function scaleAnnotations(deployment: Deployment): Annotations {
  const desired = replicasOf(deployment)
  return {
    [desiredReplicasAnnotation]: String(desired),
    [maxReplicasAnnotation]: String(desired + surgeAndUnavailable(deployment).surge),
  }
}

function inherited(deployment: Deployment): Annotations {
  const annotations = Object.entries(deployment.metadata?.annotations ?? {})
  return Object.fromEntries(annotations.filter(([name]) => !notInherited.has(name)))
}

function extendedHistory(history: string | undefined, revision: string): string {
  const revisions = history ? [...history.split(','), revision] : [revision]
  while (revisions.length > 1 && revisions.join(',').length > revisionHistoryLength) revisions.shift()
  return revisions.join(',')
}

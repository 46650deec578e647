import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { deployments } from '../../client/resources.ts'
import { byAge, replicasOf, sum } from '../objects.ts'
import { controllerReference } from '../ownership.ts'
import { surgeAndUnavailable } from './fenceposts.ts'
import { annotationsAsCurrent, scaleAnnotations } from './revisions.ts'
import { isSameTemplate, templateHash, templateHashLabel } from './template.ts'
import type { Rollout, Write } from './writes.ts'

/** Which ReplicaSet is the current one: the oldest with the deployment's template. */
export function rolloutOf(deployment: Deployment, replicaSets: readonly ReplicaSet[]): Rollout {
  const sorted = [...replicaSets].sort(byAge)
  const current = sorted.find((replicaSet) => hasTemplateOf(replicaSet, deployment))
  return { deployment, current, old: sorted.filter((replicaSet) => replicaSet !== current) }
}

export function hasTemplateOf(replicaSet: ReplicaSet, deployment: Deployment): boolean {
  const [own, wanted] = [replicaSet.spec?.template, deployment.spec?.template]
  return own !== undefined && wanted !== undefined && isSameTemplate(own, wanted)
}

/** All ReplicaSets, the current one last. */
export function allOf({ current, old }: Rollout): ReplicaSet[] {
  return current ? [...old, current] : [...old]
}

export function availableReplicas(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0
}

export function totalReplicas(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets.map(replicasOf))
}

export function totalAvailable(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets.map(availableReplicas))
}

/** The ReplicaSet as it should be with that many replicas: its annotations tell for which size of the deployment. */
function withReplicas(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): ReplicaSet {
  return {
    ...replicaSet,
    metadata: {
      ...replicaSet.metadata,
      annotations: { ...replicaSet.metadata?.annotations, ...scaleAnnotations(deployment) },
    },
    spec: { ...specOf(replicaSet), replicas },
  }
}

/** A write that scales the ReplicaSet; none when it has that many replicas. */
export function scaling(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): Write[] {
  const from = replicasOf(replicaSet)
  if (from === replicas) return []
  return [{ type: 'scale-replica-set', replicaSet: withReplicas(deployment, replicaSet, replicas), from }]
}

/** As `scaling`, but a ReplicaSet that keeps its size is written too where its annotations tell of another size. */
export function rescaling(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): Write[] {
  const annotations = replicaSet.metadata?.annotations ?? {}
  const isCurrent = Object.entries(scaleAnnotations(deployment)).every(([name, value]) => annotations[name] === value)
  const from = replicasOf(replicaSet)
  if (from === replicas && isCurrent) return []
  return [{ type: 'scale-replica-set', replicaSet: withReplicas(deployment, replicaSet, replicas), from }]
}

/** The rollout as it will be when the ReplicaSets have been written. */
export function afterWrites(rollout: Rollout, writes: readonly Write[]): Rollout {
  const written = new Map(
    writes.flatMap((write) => ('replicaSet' in write ? [[write.replicaSet.metadata?.uid, write.replicaSet]] : [])),
  )
  const latest = (replicaSet: ReplicaSet) => written.get(replicaSet.metadata?.uid) ?? replicaSet
  return { ...rollout, current: rollout.current && latest(rollout.current), old: rollout.old.map(latest) }
}

/** How many replicas the current ReplicaSet may have now: a rolling update grows only as far as the surge allows. */
export function replicasForCurrent(deployment: Deployment, all: readonly ReplicaSet[], own: number): number {
  const desired = replicasOf(deployment)
  if (deployment.spec?.strategy?.type === 'Recreate') return desired
  const room = desired + surgeAndUnavailable(deployment).surge - totalReplicas(all)
  return room <= 0 ? own : own + Math.min(room, desired - own)
}

/** A ReplicaSet for the deployment's template, which has none yet. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number): ReplicaSet {
  const { metadata = {}, spec } = deployment
  if (!spec) throw new Error(`deployment ${metadata.name} has no spec`)
  const hash = templateHash(spec.template, deployment.status?.collisionCount)
  const label = { [templateHashLabel]: hash }
  const labels = { ...spec.template.metadata?.labels, ...label }
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels,
      ownerReferences: [controllerReference(deployment, deployments)],
    },
    spec: {
      replicas: replicasForCurrent(deployment, old, 0),
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...label } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
  const annotations = { ...annotationsAsCurrent(deployment, replicaSet, revision), ...scaleAnnotations(deployment) }
  return { ...replicaSet, metadata: { ...replicaSet.metadata, annotations } }
}

export function specOf(replicaSet: ReplicaSet): NonNullable<ReplicaSet['spec']> {
  if (!replicaSet.spec) throw new Error(`ReplicaSet ${replicaSet.metadata?.name} has no spec`)
  return replicaSet.spec
}

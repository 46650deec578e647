import { ChaosError } from '../../support/errors.ts'
import { type ApiResource, controllerRevisions, replicaSets } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { ControllerRevision, OwnedMeta, PodTemplate, ReplicaSet, Workload } from '../api/resources.ts'
import type { WorkloadKind } from '../watch/workload-kinds.ts'

/** A version that a workload has had. */
export interface Revision {
  number: number
  template: PodTemplate
}

/** Where the versions of a kind of workload are kept. */
export function revisionsOf(kind: WorkloadKind['kind']): ApiResource {
  return kind === 'deployment' ? replicaSets : controllerRevisions
}

/**
 * An earlier version of a workload, as its controller has kept it.
 *
 * @param toRevision absent: the one before the present one, as `kubectl rollout undo` takes it
 * @throws CHAOS_NO_SUCH_REVISION with those that there are
 */
export async function templateOf(
  client: KubernetesClient,
  kind: WorkloadKind['kind'],
  workload: Workload,
  toRevision?: number,
): Promise<Revision> {
  const { namespace } = workload.metadata
  const found =
    kind === 'deployment'
      ? ownedBy(workload, (await client.list(replicaSets, { namespace })).items).map(revisionOfReplicaSet)
      : ownedBy(workload, (await client.list(controllerRevisions, { namespace })).items).map(revisionOfController)
  const revisions = found.sort((a, b) => a.number - b.number)
  const wanted = toRevision === undefined ? revisions.at(-2) : revisions.find(({ number }) => number === toRevision)
  if (wanted) return wanted
  const numbers = revisions.map(({ number }) => number).join(', ') || 'none'
  const asked = toRevision === undefined ? 'no earlier revision' : `no revision ${toRevision}`
  throw new ChaosError(
    'CHAOS_NO_SUCH_REVISION',
    `undoRollout: ${kind}/${workload.metadata.name} has ${asked}. It has: ${numbers}.`,
  )
}

function ownedBy<T extends { metadata: OwnedMeta }>({ metadata: { uid } }: Workload, objects: readonly T[]): T[] {
  return objects.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false)
}

/** The label that the controller adds to tell its replica sets apart is not part of the version. */
function revisionOfReplicaSet({ metadata, spec: { template } }: ReplicaSet): Revision {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {}
  return {
    number: Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0),
    template: { ...template, metadata: { ...template.metadata, labels } },
  }
}

function revisionOfController({ revision, data }: ControllerRevision): Revision {
  const { $patch: _, ...template } = data?.spec?.template ?? { spec: { containers: [] } }
  return { number: revision, template }
}

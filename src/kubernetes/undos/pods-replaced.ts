import { ChaosError } from '../../support/errors.ts'
import type { UndoContext } from '../../undo/types.ts'
import { type ApiResource, daemonSets, pods, replicaSets, statefulSets } from '../api/api-resources.ts'
import { connect, type KubernetesClient } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import { countReady } from '../watch/ready.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesHealingKind } from './kind.ts'
import { patiently } from './patience.ts'

/** What `kubernetes.podsReplaced` waits for. */
export interface PodsReplacedArgs {
  namespace: string
  /** Those that were to end. */
  pods: PodIdentity[]
  /** Who replaces them, and how many ready pods each had. */
  owners: PodOwner[]
}

export interface PodIdentity {
  name: string
  uid: string
}

export interface PodOwner {
  kind: string
  name: string
  uid: string
  ready: number
}

/**
 * The owners of pods that were ended have as many ready pods as before. Kubernetes does that by itself. A pod that is still
 * ending counts no more.
 */
export const podsReplaced: KubernetesHealingKind<PodsReplacedArgs> = {
  kind: 'kubernetes.podsReplaced',
  describe: ({ pods }) =>
    `${pods.length === 1 ? `a pod in the place of ${pods[0]?.name}` : `pods in the place of ${pods.length}`}`,

  permissions: ({ namespace, owners }) => [
    ...permissionsTo(['list'], pods, { namespace }),
    ...owners.flatMap(({ kind, name }) => {
      const resource = replacing[kind]?.resource
      return resource ? permissionsTo(['get'], resource, { namespace, name }) : []
    }),
  ],

  async recovered(args: PodsReplacedArgs, { target, signal }: UndoContext): Promise<void> {
    if (hasEnded(target)) return
    const client = await connect(target, signal)
    await patiently(
      () => missingOf(client, args),
      (missing) => notReplaced(args, missing),
      signal,
    )
  },
}

/** What is still missing, in words. */
async function missingOf(
  client: KubernetesClient,
  { namespace, owners }: PodsReplacedArgs,
): Promise<string | undefined> {
  const { items } = await client.list(pods, { namespace })
  for (const owner of owners) {
    const has = countReady(items, owner.uid)
    const owed = Math.min(owner.ready, await desiredBy(client, namespace, owner))
    if (has < owed) return `${owner.kind} ${owner.name} has ${has} of ${owed} ready pods`
  }
  return undefined
}

/** Owners that replace their pods, and how many they are to have now. */
const replacing: Record<string, Replacing> = {
  ReplicaSet: replacingBy(replicaSets, ({ spec }) => spec.replicas),
  StatefulSet: replacingBy(statefulSets, ({ spec }) => spec.replicas),
  DaemonSet: replacingBy(daemonSets, ({ status }) => status?.desiredNumberScheduled ?? 0),
}

interface Replacing {
  resource: ApiResource
  /** How many pods it is to have now; undefined when it is not the one of that UID. */
  desired(client: KubernetesClient, namespace: string, owner: PodOwner): Promise<number | undefined>
}

function replacingBy<T extends { metadata: { uid: string } }>(
  resource: ApiResource<T>,
  desiredOf: (owner: T) => number,
): Replacing {
  return {
    resource,
    async desired(client, namespace, { name, uid }) {
      const found = await client.find(resource, { namespace, name })
      return found?.metadata.uid === uid ? desiredOf(found) : undefined
    },
  }
}

/** None once it was deleted, scaled down or replaced by a rollout, and none where it owes no new pods, as a job. */
async function desiredBy(client: KubernetesClient, namespace: string, owner: PodOwner): Promise<number> {
  return (await replacing[owner.kind]?.desired(client, namespace, owner)) ?? 0
}

function notReplaced({ namespace }: PodsReplacedArgs, missing: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_RECOVERED',
    `The pods that were ended in namespace "${namespace}" are not replaced yet: ${missing}.`,
    { verdict: 'not-restored' },
  )
}

import { ChaosError } from '../../support/errors.ts'
import { type Duration, toMilliseconds } from '../../support/quantities.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { type Permission, permissionsTo } from '../api/permissions.ts'
import type { Pod } from '../api/resources.ts'
import type { Impact } from '../changes/impact.ts'
import { type PodOwner, podsReplaced } from '../undos/pods-replaced.ts'
import { countReady } from '../watch/ready.ts'
import { act } from './act.ts'
import { evictPods, rehearseEvictions } from './evict.ts'
import type { ChosenPods } from './pod-choice.ts'

/** Pods that are to end, by deletion or by eviction. */
export interface Ending extends ChosenPods {
  verb: 'terminate' | 'evict'
  /** Among which they were chosen, in words. */
  description: string
  options: { gracePeriod?: Duration; within?: Duration }
  /** @default what it does to which pods */
  title?: string
  /** What they are ended for, where it says how far it is. @default among which they were chosen */
  subject?: string
  /** What it hits beside the pods. */
  impact?: Impact
  /** What it needs beside ending pods. */
  permissions?: readonly Permission[]
  /** Happens before the first pod is ended, as a part of the action. */
  before?(client: KubernetesClient): Promise<void>
}

/** Ends pods that are replaced. @returns their names */
export async function endPods(client: KubernetesClient, ending: Ending): Promise<string[]> {
  const { verb, description, chosen, among, seed, options } = ending
  const alone = chosen.find((pod) => ownerOf(pod) === undefined)
  if (alone) throw notReplaced(verb, alone)
  const namespace = chosen[0]?.metadata.namespace ?? ''
  const names = chosen.map(({ metadata }) => metadata.name)
  const gracePeriodSeconds = secondsOf(options.gracePeriod)
  const withinMs = toMilliseconds(options.within ?? 0)
  const evictions = { subject: ending.subject ?? description, chosen, withinMs, gracePeriodSeconds }
  const end = async (by: KubernetesClient, evict: typeof evictPods) => {
    await ending.before?.(by)
    if (verb === 'terminate') await Promise.all(chosen.map((pod) => deletePod(by, pod, gracePeriodSeconds)))
    else await evict(by, evictions)
  }

  await act(client, {
    title:
      ending.title ??
      `${verb} ${names.length === 1 ? `pod/${names[0]}` : `${names.length} pods (${names.join(', ')})`}`,
    before: { pods: names, of: among.length, ...(seed === undefined ? {} : { seed }) },
    after: { pods: [] },
    impact: {
      ...ending.impact,
      objects: [...(ending.impact?.objects ?? []), ...names.map((name) => ({ kind: 'pod', namespace, name }))],
      pods: { hit: names.length, of: among.length, among: description, names },
    },
    permissions: [
      ...(ending.permissions ?? []),
      ...names.flatMap((name) =>
        verb === 'evict'
          ? permissionsTo(['create'], pods, { namespace, name, subresource: 'eviction' })
          : permissionsTo(['delete'], pods, { namespace, name }),
      ),
    ],
    undo: {
      by: podsReplaced,
      args: {
        namespace,
        pods: chosen.map(({ metadata: { name, uid } }) => ({ name, uid })),
        owners: ownersOf(chosen, among),
      },
    },
    run: (writer) => end(writer, evictPods),
    rehearse: (reader) => end(reader, rehearseEvictions),
  })
  return names
}

async function deletePod(
  client: KubernetesClient,
  { metadata: { namespace, name, uid } }: Pod,
  gracePeriodSeconds: number | undefined,
): Promise<void> {
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  try {
    await client.remove(pods, { namespace, name }, { ...grace, preconditions: { uid } })
  } catch (error) {
    // It has ended by itself, or was replaced: what was wanted.
    if (!hasCode(error, 'CHAOS_NOT_FOUND', 'CHAOS_CONFLICT')) throw error
  }
}

function ownerOf({ metadata }: Pod) {
  return metadata.ownerReferences?.find(({ controller }) => controller ?? false)
}

/** Who will replace the pods, each with the ready pods that it has now. */
export function ownersOf(chosen: readonly Pod[], all: readonly Pod[]): PodOwner[] {
  const owners = new Map<string, PodOwner>()
  for (const pod of chosen) {
    const owner = ownerOf(pod)
    if (!owner) continue
    const { kind, name, uid } = owner
    owners.set(uid, { kind, name, uid, ready: countReady(all, uid) })
  }
  return [...owners.values()]
}

function notReplaced(verb: string, { metadata: { name } }: Pod): ChaosError {
  return new ChaosError(
    'CHAOS_POD_NOT_REPLACED',
    `${verb}: pod/${name} belongs to nobody who would replace it, so it would be gone for good. Nothing was done. Choose pods of a deployment, or delete it as an object: kubernetes.object({ kind: 'Pod', … }).delete() creates it again.`,
  )
}

function secondsOf(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : Math.ceil(toMilliseconds(duration) / 1000)
}

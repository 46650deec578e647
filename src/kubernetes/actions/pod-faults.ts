import type { ProcessFault } from '../../lab/index.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { Impact } from '../changes/impact.ts'
import { ownersOf } from './end-pods.ts'
import { bringAbout } from './lab-faults.ts'
import type { ChosenPods } from './pod-choice.ts'
import type { NamedPodSet } from './pod-group.ts'

/** Pods whose processes are to suffer something. */
export interface SeizedPods extends ChosenPods {
  effect: ProcessFault['effect']
  container: string | undefined
  /** Among which they were chosen, in words. */
  description: string
}

const words: Record<ProcessFault['effect'], string> = {
  kill: 'kill',
  hang: 'hang',
  crashLoop: 'have crash again and again',
}

/** Has the processes of pods suffer something, until the rollback. @returns the names of the pods */
export async function seizePods(client: KubernetesClient, seized: SeizedPods): Promise<string[]> {
  const { chosen, among, effect, container, description, seed } = seized
  const namespace = chosen[0]?.metadata.namespace ?? ''
  const names = chosen.map(({ metadata }) => metadata.name)
  await bringAbout(client, {
    title: `${words[effect]} ${names.length === 1 ? `pod/${names[0]}` : `${names.length} pods (${names.join(', ')})`}`,
    specs: names.map((pod) => ({
      process: { namespace, pod, ...(container === undefined ? {} : { container }), effect },
    })),
    before: { pods: names, of: among.length, ...(seed === undefined ? {} : { seed }) },
    impact: {
      objects: names.map((name) => ({ kind: 'pod', namespace, name })),
      pods: { hit: names.length, of: among.length, among: description, names },
    },
    pods: {
      namespace,
      pods: chosen.map(({ metadata: { name, uid } }) => ({ name, uid })),
      owners: ownersOf(chosen, among),
    },
  })
  return names
}

/** Pods that are to be cut off, as they were found. */
export interface CutOffPods {
  group: NamedPodSet
  names: readonly string[]
  /** What it hits beside the pods. */
  impact?: Impact
}

/** Cuts pods off from others, in both directions, until the rollback. */
export async function partition(client: KubernetesClient, cutOff: CutOffPods, others: NamedPodSet): Promise<void> {
  const { group, names, impact } = cutOff
  const { description, set } = group
  const { namespace } = set
  await bringAbout(client, {
    title: `cut ${description} off from ${others.description}`,
    specs: [{ traffic: { from: set, to: others.set, bothWays: true, effect: 'blackHole' } }],
    impact: impact ?? {
      objects: names.map((name) => ({ kind: 'pod', ...(namespace === undefined ? {} : { namespace }), name })),
      pods: { hit: names.length, of: names.length, among: description, names },
    },
  })
}

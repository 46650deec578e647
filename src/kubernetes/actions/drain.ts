import { currentCluster } from '../../session/session.ts'
import { ChaosError } from '../../support/errors.ts'
import type { Duration } from '../../support/quantities.ts'
import { nodes, pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { Node, Pod } from '../api/resources.ts'
import type { Impact } from '../changes/impact.ts'
import { endPods } from './end-pods.ts'
import { isChoosable } from './pod-choice.ts'

export interface DrainOptions {
  /** Whose pods are evicted; absent: those of the target's namespace. */
  namespace?: string
  /** How long budgets that forbid an eviction are asked again. @default '60s' */
  within?: Duration
  /** How long the pods may take to end. In whole seconds. @default what each pod says */
  gracePeriod?: Duration
  /** Also pods with an `emptyDir` volume, whose data are lost then (false). */
  deleteEmptyDirData?: boolean
}

export interface Drain {
  node: Node
  impact: Impact
  options: DrainOptions
  /** An action of its own: it is undone by itself. */
  cordon(client: KubernetesClient): Promise<void>
}

/** Cordons a node, and evicts pods from it. @returns their names */
export async function drainNode(client: KubernetesClient, { node, impact, options, cordon }: Drain): Promise<string[]> {
  const { namespace = currentCluster().namespace, within = '60s', gracePeriod, deleteEmptyDirData } = options
  const { items } = await client.list(pods, { namespace })
  const among = items.filter(isChoosable).filter((pod) => !isOfDaemonSet(pod))
  const chosen = among.filter(({ spec }) => spec.nodeName === node.metadata.name)
  const withData = chosen.find(hasData)
  if (withData && !deleteEmptyDirData) throw hasDataError(withData)
  if (chosen.length === 0) {
    await cordon(client)
    return []
  }
  return await endPods(client, {
    verb: 'evict',
    title: `drain node/${node.metadata.name}`,
    subject: `node/${node.metadata.name}`,
    description: `the pods of namespace ${namespace}`,
    chosen,
    among,
    options: { within, ...(gracePeriod === undefined ? {} : { gracePeriod }) },
    impact,
    permissions: permissionsTo(['get', 'list', 'patch'], nodes, { name: node.metadata.name }),
    // After the intent of the evictions, so that it is undone before anybody waits for the pods: they need the node.
    before: cordon,
  })
}

function isOfDaemonSet({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false
}

function hasData({ spec }: Pod): boolean {
  return spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false
}

function hasDataError({ metadata: { name } }: Pod): ChaosError {
  return new ChaosError(
    'CHAOS_POD_HAS_DATA',
    `drain: pod/${name} has data in an emptyDir volume, which are lost when it is evicted. Nothing was done. Say { deleteEmptyDirData: true } if they may be.`,
  )
}

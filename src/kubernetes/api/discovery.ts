import { ChaosError, usageError } from '../../support/errors.ts'
import type { ApiResource, NamedObject } from './api-resources.ts'
import type { KubernetesClient } from './client.ts'

/** Any object, as a manifest has it. */
export interface ManifestObject extends NamedObject {
  apiVersion: string
  kind: string
  metadata: ManifestMeta
  [field: string]: unknown
}

export interface ManifestMeta {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/** An object of a kind that is found out by asking the API. */
export type AnyObject = NamedObject & { [field: string]: unknown }

/**
 * Where the API has a kind.
 *
 * @throws CHAOS_NOT_SERVED when it does not have it
 */
export async function resourceOf(
  client: KubernetesClient,
  { apiVersion, kind }: { apiVersion: string; kind: string },
): Promise<ApiResource<AnyObject>> {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  if (!/^[a-z0-9.-]+(\/[a-z0-9]+)?$/.test(apiVersion)) {
    throw usageError('CHAOS_BAD_KIND', `"${apiVersion}" is not an apiVersion. Write it as 'v1' or 'apps/v1'.`)
  }
  if (client.target.kind === 'lab' && isEngineOfFaults(group)) throw noEngine(kind, client.target.name)
  const kinds = await client.kindsOf(group, version)
  const found = kinds.find((each) => each.kind === kind && !each.name.includes('/'))
  if (found) return { group, version, kind, plural: found.name, namespaced: found.namespaced }
  const others = [...new Set(kinds.map((each) => each.kind))].join(', ')
  throw new ChaosError(
    'CHAOS_NOT_SERVED',
    `${client.target.kind === 'lab' ? 'The lab' : 'The cluster'} "${client.target.name}" has no ${kind} in ${apiVersion}. It has: ${others}.`,
  )
}

function isEngineOfFaults(group: string): boolean {
  return /(^|\.)(chaos-mesh\.org|litmuschaos\.io)$/.test(group)
}

/** The faults of an engine are those of a cluster; a lab has its own, as far as its processes can have them. */
function noEngine(kind: string, lab: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_SERVED',
    `The lab "${lab}" has no ${kind}: it has no engine of faults. Its own are methods: kubernetes.service('web').delay('300ms'), .errors(), .reset(), .blackHole(), kubernetes.deployment('web').pods().kill(), .hang(), .partition() and more (docs/lab.md). Pressure on CPU, memory or disks, and faults of the kernel or the clock, its processes cannot have: those need a cluster.`,
  )
}

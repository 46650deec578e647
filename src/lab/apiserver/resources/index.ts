import { absentResources } from './absent.ts'
import { selfSubjectAccessReviews } from './access-reviews.ts'
import { configMaps, secrets } from './configuration.ts'
import { deployments } from './deployments.ts'
import { disruptionBudgets } from './disruption-budgets.ts'
import { endpointSlices } from './endpoint-slices.ts'
import { endpoints } from './endpoints.ts'
import { events } from './events.ts'
import { faults } from './faults.ts'
import { leases } from './leases.ts'
import { namespaces } from './namespaces.ts'
import { nodes } from './nodes.ts'
import { pods } from './pods.ts'
import { replicaSets } from './replica-sets.ts'
import type { Resource } from './resource.ts'
import { serviceAccounts } from './service-accounts.ts'
import { services } from './services.ts'

/** Every kind that the server serves. */
export const resources: readonly Resource[] = [
  configMaps,
  endpoints,
  events,
  namespaces,
  nodes,
  pods,
  secrets,
  serviceAccounts,
  services,
  deployments,
  replicaSets,
  leases,
  endpointSlices,
  disruptionBudgets,
  selfSubjectAccessReviews,
  faults,
]

const byPath = mapByPath(resources)
const absentByPath = mapByPath(absentResources)

/** The kind under a group, version and plural name; undefined when there is none. */
export function findResource(path: Pick<Resource, 'group' | 'plural' | 'version'>): Resource | undefined {
  return byPath.get(pathOf(path))
}

/** As `findResource`, of the kinds of which there are none. */
export function findAbsentResource(path: Pick<Resource, 'group' | 'plural' | 'version'>): Resource | undefined {
  return absentByPath.get(pathOf(path))
}

function mapByPath(all: readonly Resource[]): ReadonlyMap<string, Resource> {
  return new Map(all.map((resource) => [pathOf(resource), resource]))
}

function pathOf({ group, version, plural }: Pick<Resource, 'group' | 'plural' | 'version'>): string {
  return `${group}/${version}/${plural}`
}

import { invalid, StatusError } from '../status.ts'
import type { Cluster, Resource } from './resource.ts'
import type { StoredService } from './services.ts'

/** The first address given out; those before it are the lab's own, and for services that name theirs. */
const firstFreeHost = 10
const lastHost = 254

/**
 * Gives a service its cluster address: the one that it names, or the lowest that is free. Services without a selector
 * of addresses (`None`, `ExternalName`) get none.
 * @throws StatusError 422 for an address that is taken or not of the range, 500 when there is none left
 */
export function allocateServiceAddress(
  service: StoredService,
  services: Resource<StoredService>,
  cluster: Cluster,
): void {
  const { spec } = service
  if (!spec) return
  if (spec.type === 'ExternalName') {
    delete spec.clusterIP
    delete spec.clusterIPs
    return
  }
  if (spec.clusterIP !== 'None') {
    const others = cluster.store.list(services).filter(({ metadata }) => metadata.uid !== service.metadata.uid)
    const taken = new Set(others.map((other) => other.spec?.clusterIP))
    spec.clusterIP = spec.clusterIP
      ? namedAddress(service, services, spec.clusterIP, taken, cluster.serviceRange)
      : freeAddress(taken, cluster.serviceRange)
  }
  spec.clusterIPs = [spec.clusterIP]
}

function freeAddress(taken: ReadonlySet<string | undefined>, range: string): string {
  for (let host = firstFreeHost; host <= lastHost; host++) {
    const address = `${range}.${host}`
    if (!taken.has(address)) return address
  }
  throw new StatusError(
    500,
    'InternalError',
    `Internal error occurred: failed to allocate a serviceIP: ${range}.0/24 is full`,
  )
}

function namedAddress(
  service: StoredService,
  services: Resource<StoredService>,
  address: string,
  taken: ReadonlySet<string | undefined>,
  range: string,
): string {
  const host = address.startsWith(`${range}.`) ? Number(address.slice(range.length + 1)) : Number.NaN
  const inRange = Number.isInteger(host) && host >= 1 && host <= lastHost
  if (inRange && !taken.has(address)) return address
  const why = inRange
    ? 'provided IP is already allocated'
    : `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${range}.0/24`
  throw invalid(services, service.metadata.name, [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(address)}: failed to allocate IP ${address}: ${why}`,
      field: 'spec.clusterIP',
    },
  ])
}

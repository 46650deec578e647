import type { EndpointSubset, Endpoints, Service, ServicePort } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../addresses.ts'
import { keyOf } from '../client/index.ts'

/** Where a process listens on this machine. */
export interface Target {
  host: string
  port: number
}

/** A port of a service, and the ready pods behind it. */
export interface Route {
  /** As in `default/web:http`. */
  name: string
  /** The key of the service. */
  service: string
  /** The service's address on this machine. */
  listen: Target
  targets: Target[]
}

/**
 * The routes of all services that have an address: a headless service has none. A port of a service leads to the ports
 * of the same name in its endpoints, whose numbers are the target ports as each pod names them. TCP only. A service
 * that is its own endpoint, as the API server is, needs no route.
 */
export function routesOf(services: readonly Service[], endpoints: readonly Endpoints[]): Route[] {
  const endpointsByKey = new Map(endpoints.map((object) => [keyOf(object), object.subsets ?? []]))
  const routes = services.flatMap((service): Route[] => {
    const { clusterIP, ports = [] } = service.spec ?? {}
    if (!clusterIP || clusterIP === 'None') return []
    const subsets = endpointsByKey.get(keyOf(service)) ?? []
    return ports.filter(isTcp).map((port) => ({
      name: `${keyOf(service)}:${port.name ?? port.port}`,
      service: keyOf(service),
      listen: { host: loopbackAddress(clusterIP), port: port.port },
      targets: subsets.flatMap((subset) => targetsIn(subset, port)),
    }))
  })
  return routes.filter(
    ({ listen, targets }) => !targets.some(({ host, port }) => host === listen.host && port === listen.port),
  )
}

function targetsIn({ addresses = [], ports = [] }: EndpointSubset, { name = '' }: ServicePort): Target[] {
  const numbers = ports.filter((port) => (port.name ?? '') === name && isTcp(port)).map(({ port }) => port)
  return numbers.flatMap((port) => addresses.map(({ ip }) => ({ host: loopbackAddress(ip), port })))
}

function isTcp({ protocol = 'TCP' }: { protocol?: string }): boolean {
  return protocol === 'TCP'
}

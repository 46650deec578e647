import type { V1Service, V1ServicePort } from '@kubernetes/client-node'
import { loopbackAddress } from '../../lab/index.ts'
import { ChaosError } from '../../support/errors.ts'
import { reach } from '../../support/reach.ts'
import { nodes } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { ObjectReference } from '../api/resources.ts'

/** Where a port of a service is reached from here. */
export interface ServiceAddress {
  host: string
  port: number
  /** The way to it, for people; undefined in a lab, where there is only one. */
  by: 'cluster IP' | 'node port' | undefined
}

/** More nodes than these tell nothing new. */
const nodesToTry = 3

/**
 * Finds the address of a service that this machine can use: the cluster IP (in a lab, its loopback address), or else the
 * node port on one of the nodes. A cluster IP that refuses is an answer, too: nobody is there, and users get the same.
 *
 * @throws CHAOS_SERVICE_UNREACHABLE: it says what was tried
 */
export async function findAddress(
  client: KubernetesClient,
  reference: ObjectReference,
  service: V1Service,
  port: V1ServicePort,
): Promise<ServiceAddress> {
  const clusterIp = service.spec?.clusterIP
  if (!clusterIp || clusterIp === 'None') {
    throw unreachable(reference, 'it has no cluster IP', 'Give it one, or call it by another URL.')
  }
  if (client.target.kind === 'lab') {
    return { host: loopbackAddress(clusterIp), port: port.port, by: undefined }
  }

  const internal: ServiceAddress = { host: clusterIp, port: port.port, by: 'cluster IP' }
  const reachability = await reach(internal.host, internal.port, client.signal)
  if (reachability === 'connected') return internal

  const tried = [`${internal.host}:${internal.port} (cluster IP)`]
  for (const external of await nodePorts(client, port)) {
    if ((await reach(external.host, external.port, client.signal)) === 'connected') return external
    tried.push(`${external.host}:${external.port} (node port)`)
  }
  if (reachability === 'refused') return internal
  throw unreachable(
    reference,
    `from this machine it was tried at ${tried.join(', ')}`,
    'Run where the network of the cluster is reachable, make it a service of type NodePort, or call it as its users do: kubernetes.ingress(name).url().',
  )
}

async function nodePorts(client: KubernetesClient, { nodePort }: V1ServicePort): Promise<ServiceAddress[]> {
  if (nodePort === undefined) return []
  const { items } = await client.list(nodes)
  return items
    .slice(0, nodesToTry)
    .flatMap(({ status }) => status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => ({ host: address, port: nodePort, by: 'node port' }))
}

function unreachable({ namespace, name }: ObjectReference, found: string, advice: string): ChaosError {
  return new ChaosError(
    'CHAOS_SERVICE_UNREACHABLE',
    `service/${name} in namespace "${namespace}" cannot be reached: ${found}. ${advice}`,
  )
}

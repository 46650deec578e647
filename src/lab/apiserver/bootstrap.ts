import { endpoints } from './resources/endpoints.ts'
import { namespaces } from './resources/namespaces.ts'
import type { Cluster } from './resources/resource.ts'
import { services } from './resources/services.ts'
import { create } from './verbs/create.ts'

const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/**
 * What every cluster has from the start. The uid of `kube-system` is the identity of the cluster. The service
 * `kubernetes` has the address and port at which the server itself listens, so nothing needs to route it.
 */
export function bootstrap(cluster: Cluster, port: number): void {
  for (const name of firstNamespaces) create({ cluster, resource: namespaces, namespace: '' }, { metadata: { name } })
  const metadata = { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } }
  const address = `${cluster.serviceRange}.1`
  const ports = [{ name: 'https', port, protocol: 'TCP' }]
  create(
    { cluster, resource: services, namespace: 'default' },
    { metadata: { ...metadata }, spec: { clusterIP: address, ports: [{ ...ports[0], targetPort: port }] } },
  )
  create(
    { cluster, resource: endpoints, namespace: 'default' },
    { metadata: { ...metadata }, subsets: [{ addresses: [{ ip: address }], ports }] },
  )
}

import { loopbackAddress } from '../../addresses.ts'
import { nodes } from '../resources/nodes.ts'
import type { Cluster } from '../resources/resource.ts'
import { internalError } from '../status.ts'

/** Where the kubelet of a node says it can be asked. @throws StatusError 500 when it does not say */
export function kubeletAddress({ store }: Cluster, nodeName: string): { host: string; port: number } {
  const { addresses = [], daemonEndpoints } = store.get(nodes, '', nodeName)?.status ?? {}
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address
  const port = daemonEndpoints?.kubeletEndpoint?.Port
  if (!address || !port) throw internalError(new Error(`node ${nodeName} does not say where its kubelet is`))
  return { host: loopbackAddress(address), port }
}

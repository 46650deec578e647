import type { AgentOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'

type Dispatcher = object

/** How the client library opens connections; it does not say so in its types. */
interface Dispatching {
  createDispatcher(cluster: object | null, options: AgentOptions): Dispatcher | undefined
}

/**
 * Keeps the connections of a kubeconfig between its requests. The client library makes a dispatcher for each request, and
 * with it a TCP and a TLS handshake.
 */
export function keepConnections(kubeconfig: KubeConfig): void {
  const library = kubeconfig as unknown as Dispatching
  const create = library.createDispatcher.bind(kubeconfig)
  const kept = new Map<string, Dispatcher | undefined>()
  library.createDispatcher = (cluster, options) => {
    // Credentials by a client certificate are part of a connection.
    const key = JSON.stringify(Object.entries(options).map(([name, value]) => [name, String(value)]))
    if (!kept.has(key)) kept.set(key, create(cluster, options))
    return kept.get(key)
  }
}

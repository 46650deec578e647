import type { Cluster, KubeConfig, RequestContext } from '@kubernetes/client-node'
import { isChaosError, messageOf, usageError } from '../../support/errors.ts'
import type { TargetReference } from '../../undo/types.ts'
import { keepConnections } from './connections.ts'
import { CredentialPlugin } from './credential-plugin.ts'
import { isThisMachine, proxyByEnvironment } from './environment-proxy.ts'
import { inCluster, readKubeconfigs, readServiceAccount } from './kubeconfig-files.ts'

export type ClientLibrary = typeof import('@kubernetes/client-node')

/** The client library takes half a second to load: only who talks to a cluster pays for it. */
export function loadClientLibrary(): Promise<ClientLibrary> {
  return import('@kubernetes/client-node')
}

/** By the target itself: connections are kept as long as whoever uses it. */
const loaded = new WeakMap<TargetReference, Promise<KubeConfig>>()
const plugins = new WeakMap<KubeConfig, CredentialPlugin>()

/**
 * The kubeconfig of a target, on the context that the target names; never on the one that happens to be current.
 *
 * @throws CHAOS_BAD_KUBECONFIG (usage) when it cannot be read
 * @throws CHAOS_NO_SUCH_CONTEXT (usage)
 */
export function kubeconfigOf(target: TargetReference): Promise<KubeConfig> {
  const known = loaded.get(target)
  if (known) return known
  const loading = load(target)
  loaded.set(target, loading)
  return loading
}

async function load(target: TargetReference): Promise<KubeConfig> {
  const kubeconfig = await read(target)
  const contexts = kubeconfig.getContexts().map(({ name }) => name)
  if (!contexts.includes(target.context)) {
    throw usageError(
      'CHAOS_NO_SUCH_CONTEXT',
      `The kubeconfig ${target.kubeconfig} has no context "${target.context}". It has: ${contexts.join(', ') || 'none'}.`,
    )
  }
  kubeconfig.setCurrentContext(target.context)
  const cluster = kubeconfig.getCurrentCluster()
  if (!cluster) {
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The context "${target.context}" of the kubeconfig ${target.kubeconfig} names a cluster that is not in it.`,
    )
  }
  const { user } = kubeconfig.getContextObject(target.context) ?? {}
  if (user !== undefined && !kubeconfig.getCurrentUser()) {
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The context "${target.context}" of the kubeconfig ${target.kubeconfig} names a user "${user}" that is not in it.`,
    )
  }
  kubeconfig.clusters = kubeconfig.clusters.map((each) => (each.name === cluster.name ? reachable(cluster) : each))
  keepConnections(kubeconfig)
  const plugin = CredentialPlugin.install(kubeconfig)
  if (plugin) plugins.set(kubeconfig, plugin)
  return kubeconfig
}

/**
 * Adds to a request what tells the API server who asks, and by which connection it goes.
 *
 * @throws CHAOS_BAD_KUBECONFIG (usage) when a file that the kubeconfig names cannot be read; CHAOS_CREDENTIAL_PLUGIN
 */
export async function authorize(kubeconfig: KubeConfig, request: RequestContext): Promise<void> {
  try {
    await kubeconfig.applySecurityAuthentication(request)
  } catch (error) {
    if (isChaosError(error)) throw error
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The credentials of the context "${kubeconfig.getCurrentContext()}" of the kubeconfig could not be used: ${messageOf(error)}. Check the files that it names.`,
      { cause: error },
    )
  }
}

/** The cluster as this machine gets to it: by the proxy that the environment names, where the kubeconfig names none. */
function reachable(cluster: Cluster): Cluster {
  const { protocol, hostname } = new URL(cluster.server)
  // `kubectl proxy` speaks HTTP. The client library wants it said that nothing is verified then.
  if (protocol === 'http:' && isThisMachine(hostname)) return { ...cluster, skipTLSVerify: true }
  const proxyUrl = cluster.proxyUrl ?? proxyByEnvironment(cluster.server)
  return proxyUrl === undefined ? cluster : { ...cluster, proxyUrl }
}

/**
 * Forgets credentials that the API server refuses, where others can be had.
 *
 * @returns whether there may be others: then it is worth asking again
 */
export function renewCredentials(kubeconfig: KubeConfig): boolean {
  const plugin = plugins.get(kubeconfig)
  plugin?.forget()
  return plugin !== undefined
}

async function read(target: TargetReference): Promise<KubeConfig> {
  const library = await loadClientLibrary()
  try {
    return target.kubeconfig === inCluster ? readServiceAccount(library) : readKubeconfigs(library, target.kubeconfig)
  } catch (error) {
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The kubeconfig ${target.kubeconfig} of target "${target.name}" could not be read: ${messageOf(error)}. Name one that exists.`,
      { cause: error },
    )
  }
}

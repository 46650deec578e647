import type { KubeConfig } from '@kubernetes/client-node'
import { messageOf, usageError } from '../support/errors.ts'
import type { TargetReference } from '../undo/types.ts'

export type ClientLibrary = typeof import('@kubernetes/client-node')

/** The client library takes half a second to load: only who talks to a cluster pays for it. */
export function loadClientLibrary(): Promise<ClientLibrary> {
  return import('@kubernetes/client-node')
}

/** By the target itself: connections are kept as long as whoever uses it. */
const loaded = new WeakMap<TargetReference, KubeConfig>()

/**
 * The kubeconfig of a target, on the context that the target names; never on the one that happens to be current.
 *
 * @throws CHAOS_BAD_KUBECONFIG (usage) when it cannot be read
 * @throws CHAOS_NO_SUCH_CONTEXT (usage)
 */
export async function kubeconfigOf(target: TargetReference): Promise<KubeConfig> {
  const known = loaded.get(target)
  if (known) return known

  const { KubeConfig } = await loadClientLibrary()
  const kubeconfig = new KubeConfig()
  try {
    kubeconfig.loadFromFile(target.kubeconfig)
  } catch (error) {
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The kubeconfig ${target.kubeconfig} of target "${target.name}" could not be read: ${messageOf(error)}. Name one that exists.`,
      { cause: error },
    )
  }
  const contexts = kubeconfig.getContexts().map(({ name }) => name)
  if (!contexts.includes(target.context)) {
    throw usageError(
      'CHAOS_NO_SUCH_CONTEXT',
      `The kubeconfig ${target.kubeconfig} has no context "${target.context}". It has: ${contexts.join(', ') || 'none'}.`,
    )
  }
  kubeconfig.setCurrentContext(target.context)
  if (!kubeconfig.getCurrentCluster()) {
    throw usageError(
      'CHAOS_BAD_KUBECONFIG',
      `The context "${target.context}" of the kubeconfig ${target.kubeconfig} names a cluster that is not in it.`,
    )
  }
  loaded.set(target, kubeconfig)
  return kubeconfig
}

import type { Namespace } from 'kubernetes-types/core/v1.d.ts'
import { isNotFound, type KubernetesObject, keyOf, namespaces, type Resource, type Stored } from '../client/index.ts'
import { namespacePollMs } from './constants.ts'
import type { ControllerContext } from './context.ts'
import { isBeingDeleted, sum } from './objects.ts'

/** Empties a namespace that is being deleted, and lets it go when nothing is left in it. */
export function startNamespaceController(context: ControllerContext): void {
  const { client } = context
  const store = context.informer(namespaces)
  const queue = context.queue(sync)
  const contents = context.resources.filter(({ namespaced }) => namespaced)

  store.onChange((_, current) => {
    if (current && isBeingDeleted(current)) queue.add(keyOf(current))
  })

  async function sync(name: string): Promise<void> {
    const namespace = store.get(name)
    if (!namespace || !isBeingDeleted(namespace)) return
    const left = sum(await Promise.all(contents.map((resource) => removeAll(resource, name))))
    if (left > 0) queue.after(name, namespacePollMs)
    else await finalize(namespace)
  }

  /** How many there were. */
  async function removeAll(resource: Resource<KubernetesObject>, namespace: string): Promise<number> {
    const { items } = await client.list(resource, { namespace })
    await Promise.all(items.filter((item) => !isBeingDeleted(item)).map((item) => remove(resource, item)))
    return items.length
  }

  async function remove(resource: Resource<KubernetesObject>, item: Stored<KubernetesObject>): Promise<void> {
    try {
      await client.remove(resource, item.metadata, { propagationPolicy: 'Background' })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function finalize(namespace: Stored<Namespace>): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes')
    try {
      await client.replace(namespaces, { ...namespace, spec: { ...namespace.spec, finalizers } }, 'finalize')
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

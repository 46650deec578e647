import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts'
import { events, isNotFound, type KubernetesObject, type Resource, type Stored } from '../../client/index.ts'
import type { ControllerContext } from '../context.ts'
import { isBeingDeleted } from '../objects.ts'
import { ownersOf, withOwners } from '../ownership.ts'
import { type Item, itemKeyOf, OwnerGraph } from './graph.ts'

const foregroundFinalizer = 'foregroundDeletion'
const orphanFinalizer = 'orphan'

/**
 * Deletes what nobody owns any more. An object goes when all its owners are gone (background); an owner that is deleted
 * in the foreground stays until those are gone that block it; one that orphans lets its dependents go free first.
 */
export function startGarbageCollector(context: ControllerContext): void {
  const { client } = context
  const graph = new OwnerGraph()
  const queue = context.queue(sync)
  const collected = context.resources.filter(({ plural }) => plural !== events.plural)
  for (const resource of collected) {
    context.informer(resource).onChange((old, current) => noteChange(resource, old, current))
  }

  function noteChange(
    resource: Resource<KubernetesObject>,
    old: Stored<KubernetesObject> | undefined,
    current: Stored<KubernetesObject> | undefined,
  ): void {
    if (old) graph.remove({ resource, object: old })
    if (current) graph.add({ resource, object: current })
    const object = current ?? old
    if (!object) return
    if (current && (ownersOf(current).length > 0 || isBeingDeleted(current))) queue.add(itemKeyOf({ resource, object }))
    if (!current || isBeingDeleted(current)) enqueueDependentsOf(object)
    for (const { uid } of old ? ownersOf(old) : []) enqueueIfEnding(uid)
  }

  function enqueueDependentsOf(object: Stored<KubernetesObject>): void {
    for (const dependent of graph.dependentsOf(object.metadata.uid)) queue.add(itemKeyOf(dependent))
  }

  function enqueueIfEnding(uid: string): void {
    const key = graph.keyOfUid(uid)
    const owner = key === undefined ? undefined : graph.get(key)
    if (key !== undefined && owner && isBeingDeleted(owner.object)) queue.add(key)
  }

  async function sync(key: string): Promise<void> {
    const item = graph.get(key)
    if (!item) return
    if (!isBeingDeleted(item.object)) await deleteIfUnowned(item)
    else if (hasFinalizer(item.object, orphanFinalizer)) await orphanDependentsOf(item)
    else if (hasFinalizer(item.object, foregroundFinalizer)) await endWhenUnblocked(item)
  }

  async function deleteIfUnowned({ resource, object }: Item): Promise<void> {
    const owners = ownersOf(object)
    if (owners.length === 0) return
    const states = await Promise.all(owners.map((owner) => stateOf(owner, object.metadata.namespace)))
    const remaining = owners.filter((_, index) => states[index] === 'present')
    if (remaining.length === owners.length) return
    if (remaining.length > 0) {
      await client.replace(resource, withOwners(object, remaining))
      return
    }
    const blocks = states.includes('waits') && graph.dependentsOf(object.metadata.uid).length > 0
    await removeIfPresent({ resource, object }, blocks ? 'Foreground' : 'Background')
  }

  /** `waits`: it is being deleted, and waits for its dependents. */
  async function stateOf(owner: OwnerReference, namespace: string | undefined): Promise<'present' | 'waits' | 'gone'> {
    const known = graph.get(graph.keyOfUid(owner.uid) ?? '')
    if (known)
      return isBeingDeleted(known.object) && hasFinalizer(known.object, foregroundFinalizer) ? 'waits' : 'present'
    const resource = context.resources.find(
      ({ apiVersion, kind }) => apiVersion === owner.apiVersion && kind === owner.kind,
    )
    if (!resource) return 'present'
    try {
      const found = await client.get(resource, {
        namespace: resource.namespaced ? namespace : undefined,
        name: owner.name,
      })
      return found.metadata.uid === owner.uid ? 'present' : 'gone'
    } catch (error) {
      if (isNotFound(error)) return 'gone'
      throw error
    }
  }

  async function orphanDependentsOf(item: Item): Promise<void> {
    const { uid } = item.object.metadata
    const release = ({ resource, object }: Item) =>
      client.replace(
        resource,
        withOwners(
          object,
          ownersOf(object).filter((owner) => owner.uid !== uid),
        ),
      )
    await Promise.all(graph.dependentsOf(uid).map(release))
    await removeFinalizer(item, orphanFinalizer)
  }

  async function endWhenUnblocked(item: Item): Promise<void> {
    const { uid } = item.object.metadata
    const isBlocked = graph
      .dependentsOf(uid)
      .some(({ object }) => ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion))
    if (!isBlocked) await removeFinalizer(item, foregroundFinalizer)
  }

  async function removeFinalizer({ resource, object }: Item, name: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== name)
    try {
      await client.replace(resource, { ...object, metadata: { ...object.metadata, finalizers } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function removeIfPresent({ resource, object }: Item, policy: 'Foreground' | 'Background'): Promise<void> {
    const propagationPolicy = hasFinalizer(object, orphanFinalizer) ? 'Orphan' : policy
    try {
      await client.remove(resource, object.metadata, {
        propagationPolicy,
        preconditions: { uid: object.metadata.uid },
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function hasFinalizer(object: KubernetesObject, name: string): boolean {
  return object.metadata?.finalizers?.includes(name) ?? false
}

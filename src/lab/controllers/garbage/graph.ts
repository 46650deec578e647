import { type KubernetesObject, keyOf, type Resource, type Stored } from '../../client/index.ts'
import { ownersOf } from '../ownership.ts'

/** An object and its kind. */
export interface Item {
  resource: Resource<KubernetesObject>
  object: Stored<KubernetesObject>
}

/** Which objects there are, and which of them belong to which. */
export class OwnerGraph {
  readonly #items = new Map<string, Item>()
  readonly #uids = new Map<string, string>()
  readonly #dependents = new Map<string, Set<string>>()

  get(itemKey: string): Item | undefined {
    return this.#items.get(itemKey)
  }

  /** The key of the object with that uid. */
  keyOfUid(uid: string): string | undefined {
    return this.#uids.get(uid)
  }

  /** The objects that name the one with that uid as an owner. */
  dependentsOf(uid: string): Item[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((key) => this.#items.get(key) ?? [])
  }

  add(item: Item): void {
    const key = itemKeyOf(item)
    this.#items.set(key, item)
    this.#uids.set(item.object.metadata.uid, key)
    for (const { uid } of ownersOf(item.object)) {
      const dependents = this.#dependents.get(uid) ?? new Set()
      this.#dependents.set(uid, dependents.add(key))
    }
  }

  remove(item: Item): void {
    const key = itemKeyOf(item)
    const known = this.#items.get(key) ?? item
    this.#items.delete(key)
    this.#uids.delete(known.object.metadata.uid)
    for (const { uid } of ownersOf(known.object)) {
      const dependents = this.#dependents.get(uid)
      dependents?.delete(key)
      if (dependents?.size === 0) this.#dependents.delete(uid)
    }
  }
}

/** A key that is an object's own among all kinds. */
export function itemKeyOf({ resource, object }: Item): string {
  return `${resource.apiVersion} ${resource.plural} ${keyOf(object)}`
}

import type { LabelSelector, OwnerReference } from 'kubernetes-types/meta/v1.d.ts'
import type { ApiClient } from '../client/client.ts'
import type { KubernetesObject, Resource, Stored } from '../client/resources.ts'
import { selects } from '../labels.ts'
import { controllerOf, isBeingDeleted } from './objects.ts'

/** An owner, and the objects that it may have. */
export interface Claim<T extends KubernetesObject> {
  client: ApiClient
  owner: Stored<KubernetesObject>
  ownerResource: Resource<KubernetesObject>
  resource: Resource<T>
  selector: LabelSelector
  /** All objects of the owner's namespace. */
  candidates: readonly Stored<T>[]
}

/**
 * The objects of an owner. Those that match its selector and have no owner become its own; those of its own that no
 * longer match are let go. An owner that is being deleted only keeps what it has.
 */
export async function claimObjects<T extends KubernetesObject>(claim: Claim<T>): Promise<Stored<T>[]> {
  const claimed = await Promise.all(claim.candidates.map((candidate) => claimOne(claim, candidate)))
  return claimed.filter((object) => object !== undefined)
}

async function claimOne<T extends KubernetesObject>(
  { client, owner, ownerResource, resource, selector }: Claim<T>,
  object: Stored<T>,
): Promise<Stored<T> | undefined> {
  const matches = selects(selector, object.metadata.labels)
  const controller = controllerOf(object)
  if (controller && controller.uid !== owner.metadata.uid) return undefined
  if (controller && (matches || isBeingDeleted(owner))) return object
  if (controller) {
    await client.replace(
      resource,
      withOwners(
        object,
        ownersOf(object).filter(({ uid }) => uid !== controller.uid),
      ),
    )
    return undefined
  }
  if (!matches || isBeingDeleted(owner) || isBeingDeleted(object)) return undefined
  return client.replace(resource, withOwners(object, [...ownersOf(object), controllerReference(owner, ownerResource)]))
}

/** A reference to the owner that manages an object. */
export function controllerReference(
  owner: KubernetesObject,
  { apiVersion, kind }: Resource<KubernetesObject>,
): OwnerReference {
  const { name = '', uid = '' } = owner.metadata ?? {}
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

export function ownersOf(object: KubernetesObject): OwnerReference[] {
  return object.metadata?.ownerReferences ?? []
}

export function withOwners<T extends KubernetesObject>(
  object: Stored<T>,
  ownerReferences: OwnerReference[],
): Stored<T> {
  return { ...object, metadata: { ...object.metadata, ownerReferences } }
}

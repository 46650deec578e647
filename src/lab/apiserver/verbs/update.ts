import { isDeepStrictEqual } from 'node:util'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { type Manager, managerOf, noteApply, noteUpdate } from '../fields/managers.ts'
import { type Answer, objectAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import { type Call, objectOf } from '../http/call.ts'
import type { ApiObject, StoredMeta } from '../objects.ts'
import type { Resource } from '../resources/resource.ts'
import { badRequest, conflict } from '../status.ts'
import { complete, decodeObject } from './admit.ts'
import { isDryRunQuery } from './options.ts'

const modifiedMeanwhile = 'the object has been modified; please apply your changes to the latest version and try again'

/** Which part of an object a write may change. */
export type Part = 'finalizers' | 'object' | 'status'

/** @throws StatusError 400, 404, 409, 413, 415, 422 */
export async function updateObject(call: Call, part: Part = 'object'): Promise<Answer> {
  const { request, resource } = call
  const json = await readObject(request)
  const dryRun = isDryRunQuery(request, 'UpdateOptions')
  const object = decodeObject(resource, json)
  requireSameName(call, object)
  const manager = managerOf(request, 'Update')
  return objectAnswer(resource, replace(call, objectOf(call), object, { part, dryRun, manager }))
}

export interface ReplaceOptions {
  part?: Part
  dryRun?: boolean
  /** Who writes, to own what it changes. */
  manager?: Manager
  /** The fields that it applied, all of its own; absent: what it changes is added to what it has. */
  applied?: FieldSet
}

/**
 * Puts a new state in the place of an object, if that is still the one that the new state was made from. A state that
 * changes nothing is no write. An object whose deletion has begun is gone when the new state holds it back no longer.
 * @param object decoded, and the caller's own
 * @returns the state that is stored, or the last one
 * @throws StatusError 409, 422
 */
export function replace(
  { cluster, resource }: Pick<Call, 'cluster' | 'resource'>,
  previous: ApiObject,
  object: ApiObject,
  { part = 'object', dryRun = false, manager, applied }: ReplaceOptions = {},
): ApiObject {
  requireSameObject(resource, previous, object)
  const next = allowedChange(resource, previous, object, part)
  complete(resource, next, previous)
  if (part === 'object') resource.allocate?.(next, previous, cluster)
  if (part === 'object' && resource.isNewGeneration?.(next, previous)) {
    next.metadata = { ...next.metadata, generation: (previous.metadata.generation ?? 0) + 1 }
  }
  const now = cluster.clock.now()
  if (part === 'object' && manager && applied) noteApply(resource, next, manager, applied, now)
  else if (part === 'object' && manager) noteUpdate(resource, next, previous, manager, now)
  const unchanged = isDeepStrictEqual(next, previous)
  if (isReleased(resource, next)) return dryRun ? next : cluster.store.remove(resource, next)
  if (unchanged) return previous
  if (!dryRun) cluster.store.put(resource, next)
  return next
}

/** Whether nothing keeps an object any more whose deletion has begun. */
export function isReleased(resource: Resource, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  return (
    deletionTimestamp !== undefined &&
    !deletionGracePeriodSeconds &&
    !finalizers?.length &&
    !(resource.isHeld?.(object) ?? false)
  )
}

function allowedChange(resource: Resource, previous: ApiObject, object: ApiObject, part: Part): ApiObject {
  const metadata = metadataAfter(previous.metadata, object.metadata)
  switch (part) {
    case 'status': {
      const next = { ...structuredClone(previous), metadata, status: object.status ?? {} }
      resource.prepareStatusUpdate?.(next, previous)
      return next
    }
    case 'finalizers':
      return { ...structuredClone(previous), spec: object.spec ?? {} }
    default: {
      const next = { ...object, metadata }
      if (resource.ownsStatus) next.status = structuredClone(previous.status ?? {})
      resource.prepareUpdate?.(next, previous)
      return next
    }
  }
}

/** The metadata after a write: labels, annotations, finalizers, owners and who manages
 * what are the clients', all else is the server's. */
function metadataAfter(previous: StoredMeta, given: ObjectMeta): StoredMeta {
  const {
    labels: _labels,
    annotations: _annotations,
    finalizers: _finalizers,
    ownerReferences: _owners,
    ...own
  } = previous
  return { ...own, ...clientPartOf(given) }
}

function clientPartOf({ labels, annotations, finalizers, ownerReferences, managedFields }: ObjectMeta): ObjectMeta {
  return {
    ...(managedFields && { managedFields }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && { finalizers }),
    ...(ownerReferences && { ownerReferences }),
  }
}

function requireSameObject(resource: Resource, { metadata: current }: ApiObject, { metadata: given }: ApiObject): void {
  if (given.uid && given.uid !== current.uid) {
    throw conflict(
      resource,
      current.name,
      `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${current.uid}`,
    )
  }
  if (given.resourceVersion && given.resourceVersion !== current.resourceVersion) {
    throw conflict(resource, current.name, modifiedMeanwhile)
  }
}

function requireSameName({ name, namespace }: Call, { metadata }: ApiObject): void {
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name ?? ''}) does not match the name on the URL (${name})`)
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts'
import { apiTime } from '../../time.ts'
import type { ApiRequest } from '../http/request.ts'
import { type ApiObject, asJson, type JsonObject } from '../objects.ts'
import { apiVersionOf } from '../resources/define.ts'
import type { Resource } from '../resources/resource.ts'
import { changedFields, type FieldSet, fieldsOf, union, without } from './field-set.ts'

/** Who writes, and whether it says all that it wants (`Apply`) or only what it changes (`Update`). */
export interface Manager {
  name: string
  operation: 'Apply' | 'Update'
  /** The part of the object through which it writes; `''` for the object itself. */
  subresource: string
}

/** What of the metadata clients decide: the rest is the server's, and nobody's field. */
const clientMetadata = ['annotations', 'finalizers', 'generateName', 'labels', 'ownerReferences']

/** Who a request says that it is. */
export function managerOf(
  { query, userAgent }: ApiRequest,
  operation: Manager['operation'],
  subresource = '',
): Manager {
  return { name: query.get('fieldManager') || userAgent.split('/')[0] || 'unknown', operation, subresource }
}

/** What of an object has owners: not its identity, and not its status, which is written through a door of its own. */
export function ownedPart(object: JsonObject): JsonObject {
  const { kind: _kind, apiVersion: _apiVersion, status: _status, metadata, ...rest } = object
  const owned = Object.entries(metadata ?? {}).filter(([name]) => clientMetadata.includes(name))
  return { ...rest, ...(owned.length > 0 ? { metadata: Object.fromEntries(owned) } : {}) }
}

/**
 * Notes, in the object, that a manager has brought it from its previous state to this one: what it changed is its own
 * and nobody else's, what it removed is nobody's.
 */
export function noteUpdate(
  resource: Resource,
  object: ApiObject,
  previous: ApiObject | undefined,
  manager: Manager,
  nowMs: number,
): void {
  const { schema } = resource
  const present = ownedPart(asJson(object))
  const before = previous && ownedPart(asJson(previous))
  const changed = changedFields(present, before, schema)
  const removed = before && without(fieldsOf(before, schema), fieldsOf(present, schema))
  if (!changed && !removed) return
  const entries = object.metadata.managedFields ?? []
  const shrunk = entries.flatMap((entry) => {
    const left = withoutAll(fieldsOfEntry(entry), [removed, isOf(entry, manager) ? undefined : changed])
    return left ? [withFields(entry, left)] : []
  })
  setEntries(
    object,
    changed ? withManager(resource, shrunk, manager, (own) => (own ? union(own, changed) : changed), nowMs) : shrunk,
  )
}

/** Sets what a manager owns, all of it. */
export function noteApply(
  resource: Resource,
  object: ApiObject,
  manager: Manager,
  fields: FieldSet,
  nowMs: number,
): void {
  setEntries(
    object,
    withManager(resource, object.metadata.managedFields ?? [], manager, () => fields, nowMs),
  )
}

export function fieldsOfEntry({ fieldsV1 }: ManagedFieldsEntry): FieldSet {
  return (fieldsV1 ?? {}) as FieldSet
}

export function isOf(entry: ManagedFieldsEntry, { name, operation, subresource }: Manager): boolean {
  return entry.manager === name && entry.operation === operation && (entry.subresource ?? '') === subresource
}

export function withFields(entry: ManagedFieldsEntry, fieldsV1: FieldSet): ManagedFieldsEntry {
  return { ...entry, fieldsV1 }
}

function withManager(
  resource: Resource,
  entries: readonly ManagedFieldsEntry[],
  manager: Manager,
  change: (own: FieldSet | undefined) => FieldSet,
  nowMs: number,
): ManagedFieldsEntry[] {
  const own = entries.find((entry) => isOf(entry, manager))
  const fieldsV1 = change(own && fieldsOfEntry(own))
  if (own && JSON.stringify(own.fieldsV1) === JSON.stringify(fieldsV1)) return [...entries]
  const { name, operation, subresource } = manager
  const next: ManagedFieldsEntry = {
    manager: name,
    operation,
    apiVersion: apiVersionOf(resource),
    time: apiTime(nowMs),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  }
  return [...entries.filter((entry) => entry !== own), next]
}

function withoutAll(fields: FieldSet, others: readonly (FieldSet | undefined)[]): FieldSet | undefined {
  let left: FieldSet | undefined = fields
  for (const other of others) left = left && other ? without(left, other) : left
  return left
}

function setEntries(object: ApiObject, entries: ManagedFieldsEntry[]): void {
  const { managedFields: _replaced, ...metadata } = object.metadata
  object.metadata = { ...metadata, ...(entries.length > 0 ? { managedFields: entries } : {}) }
}

import { encodeObject, includedObjectOf, notAcceptable } from '../http/encode.ts'
import type { ApiRequest } from '../http/request.ts'
import type { ApiObject } from '../objects.ts'
import { apiVersionOf } from '../resources/define.ts'
import type { Resource } from '../resources/resource.ts'
import { expired } from '../status.ts'
import type { EventType, StoreEvent } from '../store/store.ts'
import { partialMetadata, partialMetadataOf, tableOf } from '../tables/table.ts'
import type { Selection } from '../verbs/selection.ts'

/** What one watch sees of a write. */
export interface WatchEvent {
  type: EventType
  object: ApiObject
}

/**
 * What a watch with a selection sees of a write: nothing, where the object is not and was not selected; that it is
 * added or deleted, where it begins or ceases to be.
 */
export function visibleEvent({ type, object, previous }: StoreEvent, selected: Selection): WatchEvent | undefined {
  if (type === 'ADDED' || !previous) return selected(object) ? { type, object } : undefined
  const was = selected(previous)
  if (type === 'DELETED') return was ? { type, object } : undefined
  if (selected(object)) return { type: was ? 'MODIFIED' : 'ADDED', object }
  return was ? { type: 'DELETED', object: asOf(previous, object.metadata.resourceVersion) } : undefined
}

function asOf(object: ApiObject, resourceVersion: string): ApiObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** Writes the events of one watch in the form that its client asked for. @throws StatusError 400, 406 */
export function eventEncoder(
  request: ApiRequest,
  resource: Resource,
  now: () => number,
): (event: WatchEvent) => string {
  switch (request.accept) {
    case 'json':
      return ({ type, object }) => `{"type":"${type}","object":${encodeObject(resource, object)}}\n`
    case 'metadata':
      return ({ type, object }) => `${JSON.stringify({ type, object: partialMetadataOf(object) })}\n`
    case 'table':
      return tableEncoder(request, resource, now)
    default:
      throw notAcceptable()
  }
}

function tableEncoder(request: ApiRequest, resource: Resource, now: () => number): (event: WatchEvent) => string {
  const includeObject = includedObjectOf(request)
  let withColumns = true
  return ({ type, object }) => {
    const version = object.metadata.resourceVersion
    const table = tableOf(resource, [object], { includeObject, version, nowMs: now(), withColumns })
    withColumns = false
    return `${JSON.stringify({ type, object: table })}\n`
  }
}

/** Tells a client from which version it can resume, when nothing else has happened: by an object of the kind that it takes. */
export function bookmark({ accept }: ApiRequest, resource: Resource, version: number): string {
  const { kind, apiVersion } =
    accept === 'metadata' ? partialMetadata : { kind: resource.kind, apiVersion: apiVersionOf(resource) }
  const object = { kind, apiVersion, metadata: { resourceVersion: String(version), creationTimestamp: null } }
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`
}

/** Tells a client that it must list again. */
export function expiry(wanted: number, oldest: number): string {
  return `${JSON.stringify({ type: 'ERROR', object: expired(wanted, oldest).toStatus() })}\n`
}

import type { ApiObject } from '../objects.ts'
import { apiVersionOf } from '../resources/define.ts'
import type { Resource } from '../resources/resource.ts'
import { badRequest, StatusError } from '../status.ts'
import { type IncludedObject, partialMetadataOf, tableOf } from '../tables/table.ts'
import type { ListAnswer, ObjectAnswer } from './answer.ts'
import type { ApiRequest } from './request.ts'

/** The JSON of stored objects, which never change: an object that many read is written out once. */
const bodies = new WeakMap<ApiObject, string>()

function bodyOf(object: ApiObject): string {
  const body = bodies.get(object) ?? JSON.stringify(object)
  bodies.set(object, body)
  return body
}

/** The JSON of the items of lists that are read again and again. */
const itemsOfLists = new WeakMap<readonly ApiObject[], string>()

/** A stored object as JSON, with its kind. */
export function encodeObject(resource: Resource, object: ApiObject): string {
  return `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}",${bodyOf(object).slice(1)}`
}

/** An answer in the form that the client asked for. */
export function encodeAnswer(answer: ListAnswer | ObjectAnswer, request: ApiRequest, nowMs: number): string {
  switch (request.accept) {
    case 'table':
      return encodeTable(answer, request, nowMs)
    case 'metadata':
      return encodeMetadata(answer)
    case 'json':
      return answer.form === 'object' ? encodeObject(answer.resource, answer.object) : encodeList(answer)
    default:
      throw notAcceptable()
  }
}

function encodeList({ resource, objects, version }: ListAnswer): string {
  const items = itemsOfLists.get(objects) ?? objects.map(bodyOf).join(',')
  itemsOfLists.set(objects, items)
  return `{"kind":"${resource.kind}List","apiVersion":"${apiVersionOf(resource)}","metadata":{"resourceVersion":"${version}"},"items":[${items}]}`
}

function encodeTable(answer: ListAnswer | ObjectAnswer, request: ApiRequest, nowMs: number): string {
  const objects = answer.form === 'object' ? [answer.object] : answer.objects
  const version = answer.form === 'object' ? answer.object.metadata.resourceVersion : String(answer.version)
  const includeObject = includedObjectOf(request)
  return JSON.stringify(tableOf(answer.resource, objects, { includeObject, version, nowMs, withColumns: true }))
}

function encodeMetadata(answer: ListAnswer | ObjectAnswer): string {
  if (answer.form === 'object') return JSON.stringify(partialMetadataOf(answer.object))
  return JSON.stringify({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(answer.version) },
    items: answer.objects.map(partialMetadataOf),
  })
}

/** How much of each object a table is to have. @throws StatusError 400 */
export function includedObjectOf({ query }: ApiRequest): IncludedObject {
  const wanted = query.get('includeObject') ?? ''
  switch (wanted) {
    case '':
    case 'Metadata':
      return 'Metadata'
    case 'None':
    case 'Object':
      return wanted
    default:
      throw badRequest(`unrecognized includeObject value: "${wanted}"`)
  }
}

export function notAcceptable(): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, ' +
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  )
}

import { type Answer, objectAnswer } from '../http/answer.ts'
import { type Call, objectOf } from '../http/call.ts'
import type { ApiRequest } from '../http/request.ts'
import { copyOf, isJsonObject } from '../objects.ts'
import { applyPatchType, readPatch } from '../patches/patch.ts'
import { badRequest, invalid } from '../status.ts'
import { decodeObject, encodeForPatch } from './admit.ts'
import { create } from './create.ts'
import { isDryRunQuery } from './options.ts'
import { type Part, replace } from './update.ts'

/** @throws StatusError 400, 404, 409, 413, 415, 422 */
export async function patchObject(call: Call, part: Part = 'object'): Promise<Answer> {
  const { cluster, request, resource, namespace, name } = call
  const applies = request.contentType === applyPatchType
  if (applies) requireFieldManager(request)
  const patch = readPatch(request.contentType, await request.text(), resource.schema)
  const dryRun = isDryRunQuery(request, 'PatchOptions')

  if (applies && part === 'object' && !cluster.store.get(resource, namespace, name)) {
    const json = copyOf(patch({}))
    const metadata = isJsonObject(json.metadata) ? json.metadata : {}
    if (metadata.name !== undefined && metadata.name !== name) throw nameMismatch(metadata.name, name)
    json.metadata = { ...metadata, name }
    return objectAnswer(resource, create(call, json, dryRun), 201)
  }
  const previous = objectOf(call)
  const object = decodeObject(resource, copyOf(patch(encodeForPatch(resource, previous))))
  if (object.metadata.name !== name) throw nameMismatch(object.metadata.name, name)
  return objectAnswer(resource, replace(call, previous, object, { part, dryRun }))
}

function nameMismatch(given: unknown, name: string): Error {
  return badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}

function requireFieldManager({ query }: ApiRequest): void {
  if (query.get('fieldManager')) return
  throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
    {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    },
  ])
}

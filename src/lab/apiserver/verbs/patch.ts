import { applyConfiguration } from '../fields/apply.ts'
import { fieldsOf } from '../fields/field-set.ts'
import { managerOf, ownedPart } from '../fields/managers.ts'
import { type Answer, objectAnswer } from '../http/answer.ts'
import { objectFrom, parseYamlText } from '../http/body.ts'
import { type Call, objectOf } from '../http/call.ts'
import type { ApiRequest } from '../http/request.ts'
import { copyOf, isJsonObject, type Json, shown } from '../objects.ts'
import { applyPatchType, readPatch } from '../patches/patch.ts'
import { badRequest, invalid } from '../status.ts'
import { isTrue } from '../watch/watch.ts'
import { decodeObject, encodeForPatch } from './admit.ts'
import { create } from './create.ts'
import { isDryRunQuery } from './options.ts'
import { type Part, replace } from './update.ts'

/** @throws StatusError 400, 404, 409, 413, 415, 422 */
export async function patchObject(call: Call, part: Part = 'object'): Promise<Answer> {
  const { request, resource, name } = call
  if (request.contentType === applyPatchType) {
    requireFieldManager(request)
    if (part === 'object') return await applyObject(call)
  }
  const patch = readPatch(request.contentType, await request.text(), resource.schema)
  const dryRun = isDryRunQuery(request, 'PatchOptions')
  const previous = objectOf(call)
  const object = decodeObject(resource, copyOf(patch(encodeForPatch(resource, previous))))
  if (object.metadata.name !== name) throw nameMismatch(object.metadata.name, name)
  const manager = managerOf(request, 'Update')
  return objectAnswer(resource, replace(call, previous, object, { part, dryRun, manager }))
}

/** The one patch that creates what is not there, and removes what its manager no longer says. */
async function applyObject(call: Call): Promise<Answer> {
  const { cluster, request, resource, namespace, name } = call
  const configuration = objectFrom(parseYamlText(await request.text()))
  const metadata = isJsonObject(configuration.metadata) ? configuration.metadata : {}
  if (metadata.name !== undefined && metadata.name !== name) throw nameMismatch(metadata.name, name)
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil')
  }
  const { schema } = resource
  // It is checked as it stands: a patch is whatever makes an object, a configuration is one.
  decodeObject(resource, copyOf({ ...configuration, metadata: { ...metadata } }))
  const manager = managerOf(request, 'Apply')
  const dryRun = isDryRunQuery(request, 'PatchOptions')
  const previous = cluster.store.get(resource, namespace, name)
  if (!previous) {
    const json = copyOf({ ...configuration, metadata: { ...metadata, name } })
    return objectAnswer(
      resource,
      create(call, json, { dryRun, manager, applied: fieldsOf(ownedPart(configuration), schema) }),
      201,
    )
  }
  const { uid, resourceVersion } = metadata
  const live = encodeForPatch(resource, previous)
  const force = isTrue(request.query.get('force'))
  const { object, fields, entries } = applyConfiguration(live, configuration, previous.metadata.managedFields ?? [], {
    manager,
    force,
    schema,
  })
  const next = decodeObject(resource, copyOf(object))
  next.metadata = {
    ...next.metadata,
    managedFields: entries,
    ...(typeof uid === 'string' ? { uid } : {}),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : previous.metadata.resourceVersion,
  }
  return objectAnswer(resource, replace(call, previous, next, { dryRun, manager, applied: fields }))
}

function nameMismatch(given: Json | undefined, name: string): Error {
  return badRequest(`the name of the object (${shown(given)}) does not match the name on the URL (${name})`)
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

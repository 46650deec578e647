import { isDeepStrictEqual } from 'node:util'
import { apiTime } from '../../time.ts'
import { type Answer, jsonAnswer, objectAnswer } from '../http/answer.ts'
import { objectFrom, parseJson, protobufMediaType, readObject } from '../http/body.ts'
import { type Call, objectOf } from '../http/call.ts'
import type { ApiRequest } from '../http/request.ts'
import type { ApiObject, JsonObject } from '../objects.ts'
import type { Resource } from '../resources/resource.ts'
import { flag, integer, list, struct, text } from '../schemas/schema.ts'
import { badRequest, conflict, forbidden, unsupportedMediaType } from '../status.ts'
import { Problems } from '../validation/problems.ts'
import { refuseProblems } from './admit.ts'
import { isDryRun } from './options.ts'
import { selectionOf } from './selection.ts'
import { shapeInto } from './shape.ts'
import { isReleased } from './update.ts'

/** How an object is deleted. */
export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  /** The older way to say `Orphan` or `Background`. */
  orphanDependents?: boolean
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: string[]
}

const deleteOptions = struct({
  gracePeriodSeconds: integer,
  propagationPolicy: text,
  orphanDependents: flag,
  preconditions: struct({ uid: text, resourceVersion: text }),
  dryRun: list(text),
})

const optionsKind = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' }
const propagationPolicies = ['Foreground', 'Background', 'Orphan']
const foregroundFinalizer = 'foregroundDeletion'
const orphanFinalizer = 'orphan'

/** @throws StatusError 400, 404, 409, 413, 415, 422 */
export async function removeObject(call: Call): Promise<Answer> {
  const options = await readDeleteOptions(call.request)
  return removalAnswer(call, remove(call, objectOf(call), options))
}

/** Deletes what the query selects, and answers it. @throws StatusError 400, 409, 413, 415, 422 */
export async function removeCollection(call: Call): Promise<Answer> {
  const options = await readDeleteOptions(call.request)
  const { cluster, resource, namespace } = call
  const selected = cluster.store.list(resource, namespace).filter(selectionOf(call.request, resource))
  for (const object of selected) remove(call, object, options)
  return { form: 'list', resource, objects: selected, version: cluster.store.version }
}

/** What became of an object that was deleted. */
export interface Removal {
  /** Its state now, or its last one. */
  object: ApiObject
  gone: boolean
}

/**
 * Deletes an object, or begins to: it stays, with a deletion timestamp, for its grace period and as long as it has
 * finalizers. Deleting it again can only shorten the grace period.
 * @throws StatusError 403, 409, 422
 */
export function remove(
  { cluster, resource }: Pick<Call, 'cluster' | 'resource'>,
  object: ApiObject,
  options: DeleteOptions = {},
): Removal {
  if (resource.undeletable.includes(object.metadata.name)) {
    throw forbidden(resource, object.metadata.name, `this ${resource.singular} may not be deleted`)
  }
  requirePreconditions(resource, object, options)
  const dryRun = isDryRun(options.dryRun ?? [], 'DeleteOptions')
  const next = dyingState(resource, object, options, cluster.clock.now())
  if (next === object) return { object, gone: false }
  if (isReleased(resource, next)) {
    const last = resource.gracePeriodSeconds ? next : object
    return { object: dryRun ? last : cluster.store.remove(resource, last), gone: true }
  }
  if (!dryRun) cluster.store.put(resource, next)
  return { object: next, gone: false }
}

function removalAnswer({ resource }: Pick<Call, 'resource'>, { object, gone }: Removal): Answer {
  if (!gone || resource.returnsDeleted) return objectAnswer(resource, object)
  const { group, plural } = resource
  const { name, uid } = object.metadata
  const details = { name, ...(group ? { group } : {}), kind: plural, uid }
  return jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}

/** The object as its deletion leaves it; the same object when it was being deleted already and nothing changes. */
function dyingState(resource: Resource, object: ApiObject, options: DeleteOptions, nowMs: number): ApiObject {
  const { metadata } = object
  const finalizers = finalizersFor(metadata.finalizers ?? [], options)
  const graceSeconds = resource.gracePeriodSeconds?.(object, options.gracePeriodSeconds) ?? 0
  const begun = metadata.deletionTimestamp !== undefined
  const current = metadata.deletionGracePeriodSeconds ?? 0
  const shortened = begun && options.gracePeriodSeconds !== undefined && graceSeconds < current
  if (begun && !shortened && isDeepStrictEqual(finalizers, metadata.finalizers ?? [])) return object

  const { finalizers: _replaced, ...rest } = metadata
  const grace = begun && !shortened ? current : graceSeconds
  const next: ApiObject = {
    ...structuredClone(object),
    metadata: {
      ...rest,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      deletionTimestamp: begun && !shortened ? (metadata.deletionTimestamp ?? '') : apiTime(nowMs + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(metadata.generation && !begun ? { generation: metadata.generation + 1 } : {}),
    },
  }
  resource.markDeleted?.(next)
  return next
}

/** Which finalizers stand for what happens to the dependents; without a wish those that are there decide. */
function finalizersFor(finalizers: readonly string[], options: DeleteOptions): string[] {
  const policy = options.propagationPolicy ?? policyOf(options.orphanDependents)
  if (!policy) return [...finalizers]
  const others = finalizers.filter((finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer)
  if (policy === 'Foreground') return [...others, foregroundFinalizer]
  return policy === 'Orphan' ? [...others, orphanFinalizer] : others
}

function policyOf(orphanDependents: boolean | undefined): DeleteOptions['propagationPolicy'] {
  if (orphanDependents === undefined) return undefined
  return orphanDependents ? 'Orphan' : 'Background'
}

function requirePreconditions(
  resource: Resource,
  { metadata }: ApiObject,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions
  if (uid && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    )
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    )
  }
}

/** The options of a deletion: those of the body, if there is one, or else of the query. @throws StatusError 400, 413, 415 */
async function readDeleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const { contentType } = request
  if (contentType === protobufMediaType) return deleteOptionsFrom(await readObject(request))
  const body = await request.text()
  if (body && contentType && contentType !== 'application/json') throw unsupportedMediaType(['application/json'])
  return deleteOptionsFrom(body ? objectFrom(parseJson(body)) : optionsOfQuery(request))
}

function optionsOfQuery({ query }: ApiRequest): JsonObject {
  const grace = query.get('gracePeriodSeconds')
  const policy = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  return {
    ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(orphan ? { orphanDependents: orphan === 'true' } : {}),
    dryRun: query.getAll('dryRun'),
  }
}

/** @throws StatusError 400, 422 for what are no options of a deletion */
export function deleteOptionsFrom(json: JsonObject): DeleteOptions {
  shapeInto(json, deleteOptions, optionsKind)
  const { gracePeriodSeconds, propagationPolicy } = json
  if (typeof gracePeriodSeconds === 'number' && gracePeriodSeconds < 0) {
    throw badRequest(`gracePeriodSeconds must not be negative, but is ${gracePeriodSeconds}`)
  }
  if (typeof propagationPolicy === 'string' && !propagationPolicies.includes(propagationPolicy)) {
    const problems = new Problems()
    problems.unsupported('propagationPolicy', propagationPolicy, propagationPolicies)
    refuseProblems(optionsKind, '', problems)
  }
  return json as DeleteOptions
}

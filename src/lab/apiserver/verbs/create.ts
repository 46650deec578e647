import { randomInt, randomUUID } from 'node:crypto'
import { apiTime } from '../../time.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { type Manager, managerOf, noteApply, noteUpdate } from '../fields/managers.ts'
import { type Answer, objectAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import type { Call } from '../http/call.ts'
import type { ApiObject, JsonObject } from '../objects.ts'
import { namespaces } from '../resources/namespaces.ts'
import type { Cluster, Resource } from '../resources/resource.ts'
import { alreadyExists, badRequest, forbidden, invalid, notFound } from '../status.ts'
import { complete, decodeObject } from './admit.ts'
import { isDryRunQuery } from './options.ts'

/** What Kubernetes makes names of: no vowels, nothing that looks like something else. */
const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5

/** @throws StatusError 400, 403, 404, 409, 413, 415, 422 */
export async function createObject(call: Call): Promise<Answer> {
  const { request, resource } = call
  const json = await readObject(request)
  const options = { dryRun: isDryRunQuery(request, 'CreateOptions'), manager: managerOf(request, 'Update') }
  return objectAnswer(resource, create(call, json, options), 201)
}

export interface CreateOptions {
  dryRun?: boolean
  /** Who creates it, to own its fields. */
  manager?: Manager
  /** The fields that it applied; absent: all of the object are its own. */
  applied?: FieldSet
}

/** Creates an object from what a client sent. @throws StatusError 400, 403, 404, 409, 422 */
export function create(
  { cluster, resource, namespace }: Pick<Call, 'cluster' | 'namespace' | 'resource'>,
  json: JsonObject,
  { dryRun = false, manager, applied }: CreateOptions = {},
): ApiObject {
  const object = decodeObject(resource, json)
  if (resource.answer) {
    resource.answer(object)
    return object
  }
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  object.metadata = firstMetadata(cluster, resource, namespace, object)
  requireLiveNamespace(cluster, resource, object)
  if (resource.ownsStatus && !resource.keepsFirstStatus) object.status = {}
  resource.prepareCreate?.(object)
  complete(resource, object)
  if (cluster.store.get(resource, namespace, object.metadata.name)) throw alreadyExists(resource, object.metadata.name)
  resource.allocate?.(object, undefined, cluster)
  const now = cluster.clock.now()
  if (manager && applied) noteApply(resource, object, manager, applied, now)
  else if (manager) noteUpdate(resource, object, undefined, manager, now)
  if (!dryRun) cluster.store.put(resource, object)
  return object
}

function firstMetadata(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  object: ApiObject,
): ApiObject['metadata'] {
  const {
    namespace: givenNamespace,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
    managedFields,
    ...given
  } = object.metadata
  if (namespace && givenNamespace && givenNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return {
    ...given,
    name: given.name || generatedName(cluster, resource, namespace, given.generateName),
    ...(namespace ? { namespace } : {}),
    uid: randomUUID(),
    creationTimestamp: apiTime(cluster.clock.now()),
    ...(resource.isNewGeneration ? { generation: 1 } : {}),
  }
}

function generatedName(cluster: Cluster, resource: Resource, namespace: string, base: string | undefined): string {
  if (!base) {
    throw invalid(resource, '', [
      {
        reason: 'FieldValueRequired',
        message: 'Required value: name or generateName is required',
        field: 'metadata.name',
      },
    ])
  }
  for (;;) {
    const name = base + randomSuffix()
    if (!cluster.store.get(resource, namespace, name)) return name
  }
}

function randomSuffix(): string {
  return Array.from({ length: suffixLength }, () => nameAlphabet[randomInt(nameAlphabet.length)]).join('')
}

function requireLiveNamespace({ store }: Cluster, resource: Resource, { metadata }: ApiObject): void {
  if (!resource.namespaced) return
  const name = metadata.namespace ?? ''
  const namespace = store.get(namespaces, '', name)
  if (!namespace) throw notFound(namespaces, name)
  if (namespace.metadata.deletionTimestamp) {
    throw forbidden(
      resource,
      metadata.name,
      `unable to create new content in namespace ${name} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${name} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    )
  }
}

import { documentAt } from '../discovery/documents.ts'
import { findAbsentResource, findResource } from '../resources/index.ts'
import type { Cluster, Resource, SubresourceName, Verb } from '../resources/resource.ts'
import { methodNotAllowed, notServed } from '../status.ts'
import { subresources } from '../subresources/index.ts'
import type { SubresourceVerb } from '../subresources/subresource.ts'
import { createObject } from '../verbs/create.ts'
import { patchObject } from '../verbs/patch.ts'
import { getObject, listObjects } from '../verbs/read.ts'
import { removeCollection, removeObject } from '../verbs/remove.ts'
import { updateObject } from '../verbs/update.ts'
import { isTrue, watchObjects } from '../watch/watch.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { parseResourcePath, type ResourcePath } from './path.ts'
import type { ApiRequest } from './request.ts'

type Handler = (call: Call) => Promise<Answer> | Answer

const handlers: Readonly<Record<Verb, Handler>> = {
  create: createObject,
  delete: (call) => removeObject(call),
  deletecollection: removeCollection,
  get: getObject,
  list: listObjects,
  patch: (call) => patchObject(call),
  update: (call) => updateObject(call),
  watch: watchObjects,
}

const collectionVerbs: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' }

const objectVerbs: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

const subresourceVerbs: Readonly<Record<string, SubresourceVerb>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
}

/** Does what a request asks. @throws StatusError */
export async function dispatch(cluster: Cluster, request: ApiRequest, serverAddress: string): Promise<Answer> {
  const document = documentAt(request, serverAddress)
  if (document) {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
    return document
  }
  const path = parseResourcePath(request.path)
  if (!path) throw notServed(request.path)
  const lists = request.method === 'GET' && !path.name
  const resource = findResource(path) ?? (lists ? findAbsentResource(path) : undefined)
  if (!resource || (path.namespace !== '' && !resource.namespaced)) throw notServed(nameOf(path))
  const call = { cluster, request, resource, namespace: path.namespace, name: path.name }
  return handlerFor(path, resource, request)(call)
}

function handlerFor(path: ResourcePath, resource: Resource, { method, query }: ApiRequest): Handler {
  if (path.subresource) return subresourceHandler(path, resource, method)
  const needsNamespace = resource.namespaced && path.namespace === ''
  const verb = path.name ? objectVerbs[method] : collectionVerbs[method]
  if (!verb) throw methodNotAllowed()
  const watches = (verb === 'list' || verb === 'get') && isTrue(query.get('watch'))
  if (needsNamespace && verb !== 'list') throw path.name ? notServed(nameOf(path)) : methodNotAllowed()
  const wanted = watches ? 'watch' : verb
  if (!resource.verbs.includes(wanted)) throw methodNotAllowed()
  return handlers[wanted]
}

function subresourceHandler(path: ResourcePath, resource: Resource, method: string): Handler {
  if (!has(resource, path.subresource)) throw notServed(nameOf(path))
  const verb = subresourceVerbs[method]
  const handler = verb && subresources[path.subresource].verbs[verb]
  if (!handler) throw methodNotAllowed()
  return handler
}

function has(resource: Resource, name: string): name is SubresourceName {
  return resource.subresources.some((subresource) => subresource === name)
}

/** `statefulsets.apps/v1`, `pods/exec`. */
function nameOf({ group, version, plural, subresource }: ResourcePath): string {
  const kind = group ? `${plural}.${version}.${group}` : plural
  return subresource ? `${kind}/${subresource}` : kind
}

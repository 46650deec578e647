import type { ApiObject } from '../objects.ts'
import type { Cluster, Resource } from '../resources/resource.ts'
import { notFound } from '../status.ts'
import type { ApiRequest } from './request.ts'

/** A request for a resource that the server has. */
export interface Call {
  cluster: Cluster
  request: ApiRequest
  resource: Resource
  /** `''` for all namespaces, and for kinds without them. */
  namespace: string
  /** `''` for the collection. */
  name: string
}

/** The object that the call names. @throws StatusError 404 */
export function objectOf({ cluster, resource, namespace, name }: Call): ApiObject {
  const object = cluster.store.get(resource, namespace, name)
  if (!object) throw notFound(resource, name)
  return object
}

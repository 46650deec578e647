import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { Endpoints, Event, Namespace, Node, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { FaultSpec, FaultStatus } from '../faults.ts'

/** What every Kubernetes object has. */
export interface KubernetesObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}

/** The metadata of an object that a server has accepted. */
export interface StoredMeta extends ObjectMeta {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
}

/** An object as a server gives it. */
export type Stored<T> = T & { metadata: StoredMeta }

/** A kind of object, and where the API has it. `T` is its type; there is no value of it here. */
export interface Resource<T extends KubernetesObject> {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly example?: T
}

/** Which object: `namespace` for namespaced kinds only. */
export interface ObjectName {
  namespace?: string | undefined
  name: string
}

export const pods: Resource<Pod> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
export const services: Resource<Service> = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true }
export const endpoints: Resource<Endpoints> = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  namespaced: true,
}
export const events: Resource<Event> = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }
export const nodes: Resource<Node> = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }
export const namespaces: Resource<Namespace> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
export const deployments: Resource<Deployment> = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
}
export const replicaSets: Resource<ReplicaSet> = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
}

export const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
export const endpointSlices: Resource<EndpointSlice> = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
}
export const disruptionBudgets: Resource<PodDisruptionBudget> = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
}

/** A fault of the lab, as data. */
export interface Fault extends KubernetesObject {
  spec: FaultSpec
  status?: FaultStatus
}
export const faults: Resource<Fault> = {
  apiVersion: 'lab.chaos-test/v1',
  kind: 'Fault',
  plural: 'faults',
  namespaced: false,
}

/** The key of an object in stores and queues: `namespace/name`, or `name` when it has no namespace. */
export function keyOf(object: { metadata?: { namespace?: string; name?: string } }): string {
  const { namespace, name = '' } = object.metadata ?? {}
  return namespace ? `${namespace}/${name}` : name
}

/** The namespace and the name in a key. */
export function nameOfKey(key: string): ObjectName {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The URL path of a collection, or of one object, or of a part of it. */
export function pathOf(resource: Resource<KubernetesObject>, of: Partial<ObjectName>, subresource?: string): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const scope = resource.namespaced && of.namespace ? ['namespaces', of.namespace] : []
  const path = [...scope, resource.plural, ...(of.name ? [of.name] : []), ...(subresource ? [subresource] : [])]
  return `${root}/${path.map(encodeURIComponent).join('/')}`
}

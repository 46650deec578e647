import type { V1Secret, V1Service } from '@kubernetes/client-node'
import type {
  ConfigMap,
  ControllerRevision,
  DaemonSet,
  Deployment,
  Endpoints,
  KubernetesEvent,
  Lease,
  Node,
  Pod,
  ReplicaSet,
  StatefulSet,
} from './resources.ts'

/**
 * A kind of object, and where the API has it. `T` is how its objects are read: as the API sends them, with the fields
 * that are not named, too. There is no value of `T` here.
 */
export interface ApiResource<T = unknown> {
  /** `''` for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly example?: T
}

export const deployments: ApiResource<Deployment> = apps('Deployment', 'deployments')
export const statefulSets: ApiResource<StatefulSet> = apps('StatefulSet', 'statefulsets')
export const daemonSets: ApiResource<DaemonSet> = apps('DaemonSet', 'daemonsets')
export const replicaSets: ApiResource<ReplicaSet> = apps('ReplicaSet', 'replicasets')
export const controllerRevisions: ApiResource<ControllerRevision> = apps('ControllerRevision', 'controllerrevisions')
export const pods: ApiResource<Pod> = core('Pod', 'pods')
export const endpoints: ApiResource<Endpoints> = core('Endpoints', 'endpoints')
export const configMaps: ApiResource<ConfigMap> = core('ConfigMap', 'configmaps')
export const networkPolicies: ApiResource<NamedObject> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
}
export const events: ApiResource<KubernetesEvent> = core('Event', 'events')
export const services: ApiResource<V1Service> = core('Service', 'services')
export const secrets: ApiResource<V1Secret> = core('Secret', 'secrets')
export const nodes: ApiResource<Node> = { ...core('Node', 'nodes'), namespaced: false }
export const namespaces: ApiResource<NamedObject> = { ...core('Namespace', 'namespaces'), namespaced: false }
export const leases: ApiResource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

/** What every object of the API has. */
export interface NamedObject {
  metadata?: {
    name?: string
    namespace?: string
    uid?: string
    resourceVersion?: string
    labels?: Record<string, string>
  }
}

/** `deployments.apps`, as kubectl and roles name it; `services` of the core group. */
export function resourceName({ plural, group }: Pick<ApiResource, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** `apps/v1`, or `v1` of the core group. */
export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`
}

/** The path of a kind, of an object, or of a part of it. */
export function apiPath(
  resource: ApiResource,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string },
): string {
  const { group, version, plural } = resource
  const segments = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(resource.namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${segments.map(encodeURIComponent).join('/')}`
}

function core<T>(kind: string, plural: string): ApiResource<T> {
  return { group: '', version: 'v1', kind, plural, namespaced: true }
}

function apps<T>(kind: string, plural: string): ApiResource<T> {
  return { group: 'apps', version: 'v1', kind, plural, namespaced: true }
}

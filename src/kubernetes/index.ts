import { ApiServerHandle } from './handles/api-server.ts'
import { ConfigMapHandle } from './handles/config-map.ts'
import { DaemonSetHandle } from './handles/daemon-set.ts'
import { DeploymentHandle } from './handles/deployment.ts'
import { type EventQuery, type EventView, readEvents } from './handles/events.ts'
import type { HandleOptions } from './handles/handle.ts'
import { IngressHandle } from './handles/ingress.ts'
import { type ManifestSource, ManifestsHandle } from './handles/manifests.ts'
import { NodeHandle, type NodeStatusView, readNodes } from './handles/nodes.ts'
import { ObjectHandle, type ObjectIdentity } from './handles/object.ts'
import { type PodFilter, type PodsHandle, podsBy } from './handles/pods.ts'
import { ServiceHandle } from './handles/service.ts'
import { StatefulSetHandle } from './handles/stateful-set.ts'

export type { DrainOptions } from './actions/drain.ts'
export type { ExecResult } from './actions/exec.ts'
export type { IsolateOptions } from './actions/isolation.ts'
export type { PodChoice } from './actions/pod-choice.ts'
export type { PodGroup } from './actions/pod-group.ts'
export type { DelayOptions, ErrorsOptions, TrafficFaultOptions } from './actions/service-faults.ts'
export type { ManifestObject } from './api/discovery.ts'
export type { Permission, Verb } from './api/permissions.ts'
export type { Condition, PatchOperation, Resources } from './api/resources.ts'
export type { Impact, ObjectName, Share } from './changes/impact.ts'
export type { ObjectPatch, PatchOptions } from './changes/object-patch.ts'
export type { EnvChanges } from './changes/template-changes.ts'
export type { ApiServerFaultOptions, ApiServerHandle } from './handles/api-server.ts'
export type { ConfigMapHandle } from './handles/config-map.ts'
export type { DaemonSetHandle } from './handles/daemon-set.ts'
export type { DeploymentHandle, DeploymentStatus } from './handles/deployment.ts'
export type { EventQuery, EventView } from './handles/events.ts'
export type { HandleOptions, WithinOptions } from './handles/handle.ts'
export type { IngressHandle, IngressUrlOptions } from './handles/ingress.ts'
export type { ManifestSource, ManifestsHandle } from './handles/manifests.ts'
export type { NodeHandle, NodeStatusView } from './handles/nodes.ts'
export type { ConditionOptions, DeleteObjectOptions, ObjectHandle, ObjectIdentity } from './handles/object.ts'
export type { Availability } from './handles/observed-workload.ts'
export type { LogQuery } from './handles/pod-logs.ts'
export type { PodStatusView } from './handles/pod-view.ts'
export type {
  EvictOptions,
  ExecOptions,
  PodFilter,
  PodsHandle,
  ProcessChoice,
  TerminateOptions,
} from './handles/pods.ts'
export type { ServiceEndpoints, ServiceHandle, UrlOptions, UrlReference } from './handles/service.ts'
export type { StatefulSetHandle } from './handles/stateful-set.ts'
export type { RolloutActionOptions, UndoRolloutOptions } from './handles/workload.ts'
export type { RolloutOutcome } from './watch/rollout.ts'

/** The objects of a Kubernetes cluster, as a spec calls them. */
export interface Kubernetes {
  /** A deployment, by its name: to change it, and to wait for its rollouts. */
  deployment(name: string, options?: HandleOptions): DeploymentHandle
  /** A stateful set, by its name. The lab has none. */
  statefulSet(name: string, options?: HandleOptions): StatefulSetHandle
  /** A daemon set, by its name. The lab has none. */
  daemonSet(name: string, options?: HandleOptions): DaemonSetHandle
  /** Pods, by their labels or names: to end them, to run something in them, to read their logs, and in a lab to seize them. */
  pods(filter?: PodFilter): PodsHandle
  /** A service, by its name: to call it, and to have its users find nobody, or in a lab worse. */
  service(name: string, options?: HandleOptions): ServiceHandle
  /** An ingress, by its name: to call a service as its users do from outside. The lab has none. */
  ingress(name: string, options?: HandleOptions): IngressHandle
  /** Any object, also of a custom resource: to create, change and delete it, and to wait for its conditions. */
  object(address: ObjectIdentity): ObjectHandle
  /** Manifests: a file, a folder, or objects. */
  manifests(source: ManifestSource): ManifestsHandle
  /** A config map, by its name. */
  configMap(name: string, options?: HandleOptions): ConfigMapHandle
  /** A node, by its name: to cordon it, to drain it, and in a lab to power it off. */
  node(name: string): NodeHandle
  /** The API server of a lab, as the parts of the lab find it: to have it be slow, or refuse them. */
  apiServer(): ApiServerHandle
  /** How the nodes of the cluster are. */
  nodes(): Promise<NodeStatusView[]>
  /** What Kubernetes says that happened, the oldest first. */
  events(query?: EventQuery): Promise<EventView[]>
}

/**
 * Handles of the target's objects. To make one does no I/O.
 *
 * @example
 * const service2 = kubernetes.deployment('service2')
 */
export const kubernetes: Kubernetes = {
  deployment: (name, options) => new DeploymentHandle(name, options),
  statefulSet: (name, options) => new StatefulSetHandle(name, options),
  daemonSet: (name, options) => new DaemonSetHandle(name, options),
  pods: (filter = {}) => podsBy(filter),
  object: (address) => new ObjectHandle(address),
  manifests: (source) => new ManifestsHandle(source),
  configMap: (name, options) => new ConfigMapHandle(name, options),
  node: (name) => new NodeHandle(name),
  apiServer: () => new ApiServerHandle(),
  nodes: readNodes,
  events: readEvents,
  ingress: (name, options) => new IngressHandle(name, options),
  service: (name, options) => new ServiceHandle(name, options),
}

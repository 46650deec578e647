import { ApiServerHandle } from './api-server.ts'
import { ConfigMapHandle } from './config-map.ts'
import { DaemonSetHandle } from './daemon-set.ts'
import { DeploymentHandle } from './deployment.ts'
import { type EventQuery, type EventView, readEvents } from './events.ts'
import type { HandleOptions } from './handle.ts'
import { IngressHandle } from './ingress.ts'
import { type ManifestSource, ManifestsHandle } from './manifests.ts'
import { NodeHandle, type NodeStatusView, readNodes } from './nodes.ts'
import { ObjectHandle, type ObjectIdentity } from './object.ts'
import { type PodFilter, type PodsHandle, podsBy } from './pods.ts'
import { ServiceHandle } from './service.ts'
import { StatefulSetHandle } from './stateful-set.ts'

export type { ApiServerFaultOptions, ApiServerHandle } from './api-server.ts'
export type { ConfigMapHandle } from './config-map.ts'
export type { DaemonSetHandle } from './daemon-set.ts'
export type { DeploymentHandle, DeploymentStatus } from './deployment.ts'
export type { ManifestObject } from './discovery.ts'
export type { DrainOptions } from './drain.ts'
export type { EventQuery, EventView } from './events.ts'
export type { ExecResult } from './exec.ts'
export type { HandleOptions, WithinOptions } from './handle.ts'
export type { Impact, ObjectName, Share } from './impact.ts'
export type { IngressHandle, IngressUrlOptions } from './ingress.ts'
export type { IsolateOptions } from './isolation.ts'
export type { ManifestSource, ManifestsHandle } from './manifests.ts'
export type { NodeHandle, NodeStatusView } from './nodes.ts'
export type { ConditionOptions, DeleteObjectOptions, ObjectHandle, ObjectIdentity } from './object.ts'
export type { ObjectPatch, PatchOptions } from './object-patch.ts'
export type { Availability } from './observed-workload.ts'
export type { Permission, Verb } from './permissions.ts'
export type { PodChoice } from './pod-choice.ts'
export type { PodGroup } from './pod-group.ts'
export type { LogQuery } from './pod-logs.ts'
export type { PodStatusView } from './pod-view.ts'
export type { EvictOptions, ExecOptions, PodFilter, PodsHandle, ProcessChoice, TerminateOptions } from './pods.ts'
export type { Condition, PatchOperation, Resources } from './resources.ts'
export type { RolloutOutcome } from './rollout.ts'
export type { ServiceEndpoints, ServiceHandle, UrlOptions, UrlReference } from './service.ts'
export type { DelayOptions, ErrorsOptions, TrafficFaultOptions } from './service-faults.ts'
export type { StatefulSetHandle } from './stateful-set.ts'
export type { EnvChanges } from './template-changes.ts'
export type { RolloutActionOptions, UndoRolloutOptions } from './workload.ts'

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

import { DaemonSetHandle } from './daemon-set.ts'
import { DeploymentHandle } from './deployment.ts'
import type { HandleOptions } from './handle.ts'
import { ServiceHandle } from './service.ts'
import { StatefulSetHandle } from './stateful-set.ts'

export type { DaemonSetHandle } from './daemon-set.ts'
export type { DeploymentHandle, DeploymentStatus } from './deployment.ts'
export type { HandleOptions, WithinOptions } from './handle.ts'
export type { ObjectPatch, PatchOptions } from './object-patch.ts'
export type { Condition, PatchOperation, Resources } from './resources.ts'
export type { RolloutOutcome } from './rollout.ts'
export type { ServiceHandle, UrlOptions, UrlReference } from './service.ts'
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
  /** A service, by its name: to call it. */
  service(name: string, options?: HandleOptions): ServiceHandle
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
  service: (name, options) => new ServiceHandle(name, options),
}

import { DeploymentHandle, type HandleOptions } from './deployment.ts'
import { ServiceHandle } from './service.ts'

export type {
  DeploymentHandle,
  DeploymentStatus,
  HandleOptions,
  RolloutActionOptions,
  WithinOptions,
} from './deployment.ts'
export type { Condition } from './resources.ts'
export type { RolloutOutcome } from './rollout.ts'
export type { ServiceHandle, UrlOptions, UrlReference } from './service.ts'

/** The objects of a Kubernetes cluster, as a spec calls them. */
export interface Kubernetes {
  /** A deployment, by its name: to change it, and to wait for its rollouts. */
  deployment(name: string, options?: HandleOptions): DeploymentHandle
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
  service: (name, options) => new ServiceHandle(name, options),
}

import { type ApiResource, daemonSets, deployments, resourceName, statefulSets } from '../api/api-resources.ts'
import type { DaemonSet, Deployment, StatefulSet, Workload } from '../api/resources.ts'
import { progressOf, progressOfDaemonSet, progressOfStatefulSet, type RolloutProgress } from './progress.ts'

/** A kind of object that rolls out pods. */
export interface WorkloadKind<T extends Workload = Workload> {
  /** As kubectl names one: `deployment`. */
  kind: 'deployment' | 'statefulset' | 'daemonset'
  resource: ApiResource<T>
  /** How many pods it is to have. */
  desiredOf(workload: T): number
  /** Where its rollout is, by its status. */
  progressOf(workload: T): RolloutProgress
}

export const deploymentKind: WorkloadKind<Deployment> = {
  kind: 'deployment',
  resource: deployments,
  desiredOf: ({ spec }) => spec.replicas,
  progressOf,
}

export const statefulSetKind: WorkloadKind<StatefulSet> = {
  kind: 'statefulset',
  resource: statefulSets,
  desiredOf: ({ spec }) => spec.replicas,
  progressOf: progressOfStatefulSet,
}

/** A daemon set has a pod for each node that suits it. */
export const daemonSetKind: WorkloadKind<DaemonSet> = {
  kind: 'daemonset',
  resource: daemonSets,
  desiredOf: ({ status }) => status?.desiredNumberScheduled ?? 0,
  progressOf: progressOfDaemonSet,
}

const workloadKinds: readonly WorkloadKind[] = [deploymentKind, statefulSetKind, daemonSetKind]

export function workloadKindNamed(name: WorkloadKind['kind'] = 'deployment'): WorkloadKind {
  return workloadKinds.find(({ kind }) => kind === name) ?? deploymentKind
}

/** The kind that a resource is; undefined when it rolls out no pods. */
export function workloadKindOf(resource: Pick<ApiResource, 'plural' | 'group'>): WorkloadKind | undefined {
  return workloadKinds.find((kind) => resourceName(kind.resource) === resourceName(resource))
}

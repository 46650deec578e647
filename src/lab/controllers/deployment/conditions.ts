import type { Deployment, DeploymentCondition, DeploymentStatus } from 'kubernetes-types/apps/v1.d.ts'
import { apiTime } from '../../time.ts'
import { noProgressDeadlineSeconds } from '../constants.ts'

export type ConditionType = 'Available' | 'Progressing' | 'ReplicaFailure'
export type Conditions = readonly DeploymentCondition[]

export const progressDeadlineExceeded = 'ProgressDeadlineExceeded'
export const newReplicaSetAvailable = 'NewReplicaSetAvailable'
export const deploymentPaused = 'DeploymentPaused'

export function conditionOf(
  status: DeploymentStatus | undefined,
  type: ConditionType,
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

export function condition(
  type: ConditionType,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
): DeploymentCondition {
  const time = apiTime(now)
  return { type, status, reason, message, lastUpdateTime: time, lastTransitionTime: time }
}

/** With the condition set. One of the same status and reason stays as it was, times included. */
export function withCondition(conditions: Conditions, next: DeploymentCondition): DeploymentCondition[] {
  const present = conditions.find(({ type }) => type === next.type)
  if (present?.status === next.status && present.reason === next.reason) return [...conditions]
  return [...withoutCondition(conditions, next.type), sinceTransition(present, next)]
}

/** With the condition set, its times of update included: what happened happened just now. */
export function withRefreshedCondition(conditions: Conditions, next: DeploymentCondition): DeploymentCondition[] {
  const present = conditions.find(({ type }) => type === next.type)
  return [...withoutCondition(conditions, next.type), sinceTransition(present, next)]
}

export function withoutCondition(conditions: Conditions, type: string): DeploymentCondition[] {
  return conditions.filter((condition) => condition.type !== type)
}

/** Whether the deployment wants to be told when it makes no progress. */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds !== undefined && seconds !== noProgressDeadlineSeconds
}

function sinceTransition(present: DeploymentCondition | undefined, next: DeploymentCondition): DeploymentCondition {
  const since = present?.status === next.status ? present.lastTransitionTime : undefined
  return since === undefined ? next : { ...next, lastTransitionTime: since }
}

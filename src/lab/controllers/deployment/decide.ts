import { isDeepStrictEqual } from 'node:util'
import type { Deployment, DeploymentCondition, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { byAge, isBeingDeleted, replicasOf } from '../objects.ts'
import {
  condition,
  conditionOf,
  deploymentPaused,
  hasProgressDeadline,
  progressDeadlineExceeded,
  withCondition,
} from './conditions.ts'
import { isScalingEvent, scaleProportionally } from './proportional.ts'
import { hasOldPods, scaleCurrentToFull, scaleOldToZero } from './recreate.ts'
import { afterWrites, newReplicaSet, rolloutOf, specOf } from './replica-sets.ts'
import { annotationsAsCurrent, nextRevision, revisionAnnotation, revisionOf } from './revisions.ts'
import { rollingUpdateStep } from './rolling-update.ts'
import { isComplete, updateRolloutStatus, updateStatus } from './status.ts'
import type { Decision, Rollout, Write } from './writes.ts'

/** What there is of a deployment at one moment. */
export interface DeploymentState {
  deployment: Deployment
  /** Those that the deployment owns. */
  replicaSets: readonly ReplicaSet[]
  /** Those that these ReplicaSets own. */
  pods: readonly Pod[]
}

/**
 * What to do for a deployment now: one step towards what it asks for, and its status. It is called again whenever
 * something of it has changed, so a rollout is many of these steps.
 *
 * The algorithm is that of Kubernetes' deployment controller (1.20), with the later wording of events.
 */
export function decide({ deployment, replicaSets, pods }: DeploymentState, now: number): Decision {
  const rollout = rolloutOf(deployment, replicaSets)
  if (isBeingDeleted(deployment)) return updateStatus(rollout, now)
  const decided = notePause(deployment, now) ?? syncRevision(rollout, now)
  if (decided) return decided
  if (deployment.spec?.paused || isScalingEvent(rollout)) return scaleOnly(rollout, now)
  if (deployment.spec?.strategy?.type === 'Recreate') return recreate(rollout, pods, now)
  return rollingUpdate(rollout, now)
}

function rollingUpdate(rollout: Rollout, now: number): Decision {
  if (!rollout.current) return createReplicaSet(rollout, now)
  const steps = rollingUpdateStep(rollout)
  return steps.length > 0 ? thenStatus(rollout, steps, now) : finish(rollout, now)
}

function recreate(rollout: Rollout, pods: readonly Pod[], now: number): Decision {
  const ending = scaleOldToZero(rollout)
  if (ending.length > 0) return thenStatus(rollout, ending, now)
  if (hasOldPods(rollout, pods)) return updateRolloutStatus(rollout, now)
  if (!rollout.current) return createReplicaSet(rollout, now)
  const starting = scaleCurrentToFull(rollout)
  return starting.length > 0 ? thenStatus(rollout, starting, now) : finish(rollout, now)
}

/** Follows a change of size, and leaves the rollout where it is. */
function scaleOnly(rollout: Rollout, now: number): Decision {
  const scaled = scaleProportionally(rollout)
  const cleaned = rollout.deployment.spec?.paused ? cleanup(rollout) : []
  return { writes: [...scaled, ...cleaned, ...updateStatus(afterWrites(rollout, scaled), now).writes] }
}

function thenStatus(rollout: Rollout, steps: readonly Write[], now: number): Decision {
  const status = updateRolloutStatus(afterWrites(rollout, steps), now)
  return { ...status, writes: [...steps, ...status.writes] }
}

function finish(rollout: Rollout, now: number): Decision {
  const cleaned = isComplete(rollout.deployment, rollout.deployment.status) ? cleanup(rollout) : []
  const status = updateRolloutStatus(rollout, now)
  return { ...status, writes: [...cleaned, ...status.writes] }
}

function createReplicaSet({ deployment, old }: Rollout, now: number): Decision {
  const revision = nextRevision(old)
  const replicaSet = newReplicaSet(deployment, old, revision)
  const message = `Created new replica set "${replicaSet.metadata?.name}"`
  const created = condition('Progressing', 'True', 'NewReplicaSetCreated', message, now)
  const next = withRevision(deployment, revision, hasProgressDeadline(deployment) ? created : undefined)
  return {
    writes: [
      { type: 'create-replica-set', replicaSet },
      { type: 'update-status', deployment: next },
    ],
  }
}

/** Before anything else: the current ReplicaSet and the deployment must agree about annotations and the revision. */
function syncRevision({ deployment, current, old }: Rollout, now: number): Decision | undefined {
  if (!current) return undefined
  const annotations = annotationsAsCurrent(deployment, current, nextRevision(old))
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0
  const isCurrent = isDeepStrictEqual(annotations, { ...current.metadata?.annotations })
  if (!isCurrent || (current.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
    const metadata = { ...current.metadata, annotations }
    const replicaSet = { ...current, metadata, spec: { ...specOf(current), minReadySeconds } }
    return { writes: [{ type: 'update-replica-set', replicaSet }] }
  }
  const found = foundCondition(deployment, current, now)
  if (revisionOf(deployment) === revisionOf(current) && !found) return undefined
  return { writes: [{ type: 'update-status', deployment: withRevision(deployment, revisionOf(current), found) }] }
}

function foundCondition(deployment: Deployment, current: ReplicaSet, now: number): DeploymentCondition | undefined {
  if (!hasProgressDeadline(deployment) || conditionOf(deployment.status, 'Progressing')) return undefined
  const message = `Found new replica set "${current.metadata?.name}"`
  return condition('Progressing', 'True', 'FoundNewReplicaSet', message, now)
}

/** A pause, and its end, shows as a condition, so that the time in between does not count against the deadline. */
function notePause(deployment: Deployment, now: number): Decision | undefined {
  const present = conditionOf(deployment.status, 'Progressing')
  if (!hasProgressDeadline(deployment) || present?.reason === progressDeadlineExceeded) return undefined
  const paused = deployment.spec?.paused ?? false
  if (paused === (present?.reason === deploymentPaused)) return undefined
  const next = paused
    ? condition('Progressing', 'Unknown', deploymentPaused, 'Deployment is paused', now)
    : condition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now)
  return { writes: [{ type: 'update-status', deployment: withProgressing(deployment, next) }] }
}

/** Deletes the oldest of the ReplicaSets that are kept only to go back to. */
function cleanup({ deployment, old }: Rollout): Write[] {
  const kept = deployment.spec?.revisionHistoryLimit ?? Number.POSITIVE_INFINITY
  const candidates = old.filter((replicaSet) => !isBeingDeleted(replicaSet)).sort(byAge)
  return candidates
    .slice(0, Math.max(0, candidates.length - kept))
    .filter(isIdle)
    .map((replicaSet) => ({ type: 'delete-replica-set', replicaSet }))
}

function isIdle(replicaSet: ReplicaSet): boolean {
  const { replicas = 0, observedGeneration = 0 } = replicaSet.status ?? {}
  return replicas === 0 && replicasOf(replicaSet) === 0 && (replicaSet.metadata?.generation ?? 0) <= observedGeneration
}

function withRevision(deployment: Deployment, revision: number, progressing?: DeploymentCondition): Deployment {
  const annotations = { ...deployment.metadata?.annotations, [revisionAnnotation]: String(revision) }
  const next = { ...deployment, metadata: { ...deployment.metadata, annotations } }
  return progressing ? withProgressing(next, progressing) : next
}

/** The deployment with that Progressing condition in its status. */
export function withProgressing(deployment: Deployment, progressing: DeploymentCondition): Deployment {
  const conditions = withCondition(deployment.status?.conditions ?? [], progressing)
  return { ...deployment, status: { ...deployment.status, conditions } }
}

import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { messageOf } from '../../../support/errors.ts'
import {
  deployments,
  isAlreadyExists,
  isNotFound,
  type KubernetesObject,
  keyOf,
  pods,
  replicaSets,
  type Stored,
} from '../../client/index.ts'
import { selectsAll } from '../../labels.ts'
import type { ControllerContext } from '../context.ts'
import { controllerOf, isBeingDeleted, replicasOf } from '../objects.ts'
import { claimObjects } from '../ownership.ts'
import { condition, hasProgressDeadline } from './conditions.ts'
import { decide, withProgressing } from './decide.ts'
import { hasTemplateOf } from './replica-sets.ts'
import type { Write } from './writes.ts'

/** Keeps, for each deployment, one ReplicaSet per pod template, and moves pods from the old ones to the current one. */
export function startDeploymentController(context: ControllerContext): void {
  const { client, clock } = context
  const deploymentStore = context.informer(deployments)
  const replicaSetStore = context.informer(replicaSets)
  const podStore = context.informer(pods)
  const recorder = context.recorder('deployment-controller')
  const queue = context.queue(sync)

  deploymentStore.onChange((old, current) => enqueue(current ?? old))
  replicaSetStore.onChange((old, current) => {
    for (const replicaSet of [old, current]) enqueueOwnerOf(replicaSet)
  })
  podStore.onChange((old, current) => {
    // A deployment that recreates its pods waits for the last of the old ones.
    if (current || !old) return
    const uid = controllerOf(old)?.uid
    const owner = replicaSetStore.list(old.metadata.namespace).find(({ metadata }) => metadata.uid === uid)
    if (owner && deploymentOf(owner)?.spec?.strategy?.type === 'Recreate') enqueueOwnerOf(owner)
  })

  function enqueue(object: KubernetesObject | undefined): void {
    if (object) queue.add(keyOf(object))
  }

  function enqueueOwnerOf(replicaSet: Stored<ReplicaSet> | undefined): void {
    if (!replicaSet) return
    if (controllerOf(replicaSet)) enqueue(deploymentOf(replicaSet))
    else for (const deployment of deploymentStore.list(replicaSet.metadata.namespace)) enqueue(deployment)
  }

  function deploymentOf(replicaSet: Stored<ReplicaSet>): Stored<Deployment> | undefined {
    const owner = controllerOf(replicaSet)
    return deploymentStore.list(replicaSet.metadata.namespace).find(({ metadata }) => metadata.uid === owner?.uid)
  }

  async function sync(key: string): Promise<void> {
    const deployment = deploymentStore.get(key)
    const selector = deployment?.spec?.selector
    if (!deployment || !selector) return
    if (selectsAll(selector)) return refuseToSelectAll(deployment)
    const { namespace } = deployment.metadata
    const owned = await claimObjects({
      client,
      owner: deployment,
      ownerResource: deployments,
      resource: replicaSets,
      selector,
      candidates: replicaSetStore.list(namespace),
    })
    const ownedUids = new Set(owned.map(({ metadata }) => metadata.uid))
    const ownedPods = podStore.list(namespace).filter((pod) => ownedUids.has(controllerOf(pod)?.uid ?? ''))
    const { writes, againAfterMs } = decide({ deployment, replicaSets: owned, pods: ownedPods }, clock.now())
    for (const write of writes) await carryOut(deployment, write)
    if (againAfterMs !== undefined) queue.after(key, againAfterMs)
  }

  async function carryOut(deployment: Stored<Deployment>, write: Write): Promise<void> {
    switch (write.type) {
      case 'create-replica-set':
        return createReplicaSet(deployment, write.replicaSet)
      case 'update-replica-set':
        await client.replace(replicaSets, write.replicaSet)
        return
      case 'scale-replica-set':
        await client.replace(replicaSets, write.replicaSet)
        return recordScaling(deployment, write.replicaSet, write.from)
      case 'delete-replica-set':
        return removeReplicaSet(write.replicaSet)
      case 'update-status':
        await client.replace(deployments, write.deployment, 'status')
    }
  }

  async function createReplicaSet(deployment: Stored<Deployment>, replicaSet: ReplicaSet): Promise<void> {
    try {
      await client.create(replicaSets, replicaSet)
    } catch (error) {
      if (isAlreadyExists(error)) return resolveCollision(deployment, replicaSet)
      await noteFailedCreation(deployment, error)
      throw error
    }
    recordScaling(deployment, replicaSet, 0)
  }

  /** The name is taken: by our own ReplicaSet that we had not seen yet, or by another, which calls for another name. */
  async function resolveCollision(deployment: Stored<Deployment>, replicaSet: ReplicaSet): Promise<void> {
    const { namespace, name = '' } = replicaSet.metadata ?? {}
    const present = await client.get(replicaSets, { namespace, name })
    const isOurs = controllerOf(present)?.uid === deployment.metadata.uid && hasTemplateOf(present, deployment)
    if (isOurs) return
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    await client.replace(deployments, { ...deployment, status: { ...deployment.status, collisionCount } }, 'status')
    throw new Error(`ReplicaSet ${name} belongs to something else: the next one has another name`)
  }

  async function noteFailedCreation(deployment: Stored<Deployment>, error: unknown): Promise<void> {
    const message = `Failed to create new replica set: ${messageOf(error)}`
    recorder.record(deployment, 'Warning', 'ReplicaSetCreateError', message)
    if (!hasProgressDeadline(deployment)) return
    const failed = condition('Progressing', 'False', 'ReplicaSetCreateError', message, clock.now())
    await client.replace(deployments, withProgressing(deployment, failed), 'status')
  }

  async function removeReplicaSet(replicaSet: ReplicaSet): Promise<void> {
    const { namespace, name = '' } = replicaSet.metadata ?? {}
    try {
      await client.remove(replicaSets, { namespace, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function refuseToSelectAll(deployment: Stored<Deployment>): Promise<void> {
    const generation = deployment.metadata.generation ?? 0
    if (isBeingDeleted(deployment) || deployment.status?.observedGeneration === generation) return
    const message = 'This deployment is selecting all pods. A non-empty selector is required.'
    recorder.record(deployment, 'Warning', 'SelectingAll', message)
    const status = { ...deployment.status, observedGeneration: generation }
    await client.replace(deployments, { ...deployment, status }, 'status')
  }

  function recordScaling(deployment: Stored<Deployment>, replicaSet: ReplicaSet, from: number): void {
    const to = replicasOf(replicaSet)
    if (from === to) return
    const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet.metadata?.name} from ${from} to ${to}`
    recorder.record(deployment, 'Normal', 'ScalingReplicaSet', message)
  }
}

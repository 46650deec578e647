import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { messageOf } from '../../../support/errors.ts'
import { isConflict, isNotFound, keyOf, pods, replicaSets, type Stored } from '../../client/index.ts'
import { selects } from '../../labels.ts'
import { slowStartPods } from '../constants.ts'
import type { ControllerContext } from '../context.ts'
import { controllerOf, isActive, isBeingDeleted, readySince, replicasOf } from '../objects.ts'
import { claimObjects } from '../ownership.ts'
import { differenceOf, podOf } from './decide.ts'
import { Expectations } from './expectations.ts'
import { isNewStatus, type ReplicaFailure, statusOf } from './status.ts'

/** Keeps, for each ReplicaSet, as many pods as it asks for. */
export function startReplicaSetController(context: ControllerContext): void {
  const { client, clock } = context
  const replicaSetStore = context.informer(replicaSets)
  const podStore = context.informer(pods)
  const recorder = context.recorder('replicaset-controller')
  const expectations = new Expectations(() => clock.now())
  const queue = context.queue(sync)

  replicaSetStore.onChange((old, current) => {
    const replicaSet = current ?? old
    if (!replicaSet) return
    if (!current) expectations.forget(keyOf(replicaSet))
    queue.add(keyOf(replicaSet))
  })
  podStore.onChange((old, current) => {
    if (old) noteChange(old, current)
    if (current) noteNew(old, current)
  })

  /** A pod that was there: it may be on its way out, or have another owner now. */
  function noteChange(old: Stored<Pod>, current: Stored<Pod> | undefined): void {
    const key = ownerKeyOf(old)
    if (key === undefined) return
    if (!current || isBeingDeleted(current)) expectations.deletionSeen(key, keyOf(old))
    queue.add(key)
  }

  function noteNew(old: Stored<Pod> | undefined, pod: Stored<Pod>): void {
    const key = ownerKeyOf(pod)
    if (key === undefined) {
      enqueueAdopters(pod)
      return
    }
    if (!old) expectations.creationSeen(key)
    queue.add(key)
    const minReadySeconds = replicaSetStore.get(key)?.spec?.minReadySeconds ?? 0
    const becameReady = readySince(pod) !== undefined && (!old || readySince(old) === undefined)
    if (becameReady && minReadySeconds > 0) queue.after(key, minReadySeconds * 1000 + 1000)
  }

  function enqueueAdopters(pod: Stored<Pod>): void {
    for (const replicaSet of replicaSetStore.list(pod.metadata.namespace)) {
      const selector = replicaSet.spec?.selector
      if (selector && selects(selector, pod.metadata.labels)) queue.add(keyOf(replicaSet))
    }
  }

  async function sync(key: string): Promise<void> {
    const replicaSet = replicaSetStore.get(key)
    const selector = replicaSet?.spec?.selector
    if (!replicaSet || !selector) return
    const canCount = expectations.areMet(key)
    const owned = await claimObjects({
      client,
      owner: replicaSet,
      ownerResource: replicaSets,
      resource: pods,
      selector,
      candidates: podStore.list(replicaSet.metadata.namespace).filter(isActive),
    })
    const failure = canCount && !isBeingDeleted(replicaSet) ? await balance(key, replicaSet, owned) : undefined
    const status = statusOf(replicaSet, owned, failure?.condition, clock.now())
    if (isNewStatus(replicaSet, status)) await writeStatus(replicaSet, status)
    if (failure) throw failure.error
    lookAgainWhenAvailable(key, replicaSet, status)
  }

  /** Creates or deletes pods. What went wrong is told, so that the status can say it too. */
  async function balance(
    key: string,
    replicaSet: Stored<ReplicaSet>,
    owned: Stored<Pod>[],
  ): Promise<Failure | undefined> {
    const { create, remove } = differenceOf(replicaSet, owned, podsOfDeploymentOn(replicaSet))
    try {
      if (create > 0) await createPods(key, replicaSet, create)
      if (remove.length > 0) await removePods(key, replicaSet, remove)
      return undefined
    } catch (error) {
      return { error, condition: { reason: create > 0 ? 'FailedCreate' : 'FailedDelete', message: messageOf(error) } }
    }
  }

  /** One first, then twice as many each time: a pod that the server refuses must not be asked for a hundred times. */
  async function createPods(key: string, replicaSet: Stored<ReplicaSet>, count: number): Promise<void> {
    expectations.expectCreations(key, count)
    let left = count
    for (let batch = slowStartPods; left > 0; batch *= 2) {
      const size = Math.min(batch, left)
      const created = await Promise.allSettled(Array.from({ length: size }, () => createPod(replicaSet)))
      left -= size
      const refused = created.filter((outcome) => outcome.status === 'rejected')
      if (refused.length === 0) continue
      expectations.creationsFailed(key, refused.length + left)
      throw refused[0]?.reason
    }
  }

  async function createPod(replicaSet: Stored<ReplicaSet>): Promise<void> {
    try {
      const pod = await client.create(pods, podOf(replicaSet))
      recorder.record(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    } catch (error) {
      recorder.record(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
      throw error
    }
  }

  async function removePods(key: string, replicaSet: Stored<ReplicaSet>, condemned: readonly Pod[]): Promise<void> {
    expectations.expectDeletions(key, condemned.map(keyOf))
    const removed = await Promise.allSettled(condemned.map((pod) => removePod(key, replicaSet, pod)))
    const refused = removed.find((outcome) => outcome.status === 'rejected')
    if (refused) throw refused.reason
  }

  async function removePod(key: string, replicaSet: Stored<ReplicaSet>, pod: Pod): Promise<void> {
    const { namespace, name = '' } = pod.metadata ?? {}
    try {
      await client.remove(pods, { namespace, name })
      recorder.record(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      expectations.deletionSeen(key, keyOf(pod))
      if (isNotFound(error)) return
      recorder.record(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`)
      throw error
    }
  }

  /** A conflict is settled by what the store learns next, which calls for another sync. */
  async function writeStatus(replicaSet: Stored<ReplicaSet>, status: NonNullable<ReplicaSet['status']>): Promise<void> {
    try {
      await client.replace(replicaSets, { ...replicaSet, status }, 'status')
    } catch (error) {
      if (isNotFound(error)) return
      if (!isConflict(error)) throw error
      const latest = await client.get(replicaSets, replicaSet.metadata)
      if (latest.metadata.uid !== replicaSet.metadata.uid) return
      await client.replace(replicaSets, { ...latest, status }, 'status')
    }
  }

  function lookAgainWhenAvailable(
    key: string,
    replicaSet: ReplicaSet,
    status: NonNullable<ReplicaSet['status']>,
  ): void {
    const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0
    const desired = replicasOf(replicaSet)
    const waits = status.readyReplicas === desired && (status.availableReplicas ?? 0) !== desired
    if (minReadySeconds > 0 && waits) queue.after(key, minReadySeconds * 1000)
  }

  /** How many active pods of the same deployment there are on a node: of all its ReplicaSets. */
  function podsOfDeploymentOn(replicaSet: Stored<ReplicaSet>): (node: string) => number {
    const { namespace } = replicaSet.metadata
    const deployment = controllerOf(replicaSet)?.uid
    const related = replicaSetStore.list(namespace).filter((other) => controllerOf(other)?.uid === deployment)
    const uids = new Set((deployment ? related : [replicaSet]).map(({ metadata }) => metadata.uid))
    const active = podStore.list(namespace).filter((pod) => isActive(pod) && uids.has(controllerOf(pod)?.uid ?? ''))
    return (node) => active.filter((pod) => pod.spec?.nodeName === node).length
  }

  function ownerKeyOf(pod: Stored<Pod>): string | undefined {
    const owner = controllerOf(pod)
    if (owner?.kind !== 'ReplicaSet') return undefined
    const key = `${pod.metadata.namespace}/${owner.name}`
    return replicaSetStore.get(key)?.metadata.uid === owner.uid ? key : undefined
  }
}

interface Failure {
  error: unknown
  condition: ReplicaFailure
}

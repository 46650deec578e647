import { isDeepStrictEqual } from 'node:util'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import { deployments, disruptionBudgets, keyOf, pods, replicaSets, type Stored } from '../../client/index.ts'
import { selects } from '../../labels.ts'
import type { ControllerContext } from '../context.ts'
import { controllerOf, replicasOf, sum } from '../objects.ts'
import { budgetStatus, nextExpiry } from './decide.ts'

/** Says, for each disruption budget, how many of its pods may be evicted now. */
export function startDisruptionController(context: ControllerContext): void {
  const { client, clock } = context
  const budgetStore = context.informer(disruptionBudgets)
  const podStore = context.informer(pods)
  const replicaSetStore = context.informer(replicaSets)
  const deploymentStore = context.informer(deployments)
  const queue = context.queue(sync)

  budgetStore.onChange((_old, current) => {
    if (current) queue.add(keyOf(current))
  })
  podStore.onChange((old, current) => {
    for (const pod of [old, current]) {
      if (!pod) continue
      for (const budget of budgetStore.list(pod.metadata.namespace)) {
        if (isSelectedBy(budget, pod)) queue.add(keyOf(budget))
      }
    }
  })
  for (const store of [replicaSetStore, deploymentStore]) {
    store.onChange((old, current) => {
      for (const budget of budgetStore.list((current ?? old)?.metadata.namespace)) queue.add(keyOf(budget))
    })
  }

  async function sync(key: string): Promise<void> {
    const budget = budgetStore.get(key)
    if (!budget) return
    const selected = podStore.list(budget.metadata.namespace).filter((pod) => isSelectedBy(budget, pod))
    const now = clock.now()
    const status = budgetStatus({ budget, pods: selected, wantedPods: wantedOf(selected), now })
    if (!isDeepStrictEqual(status, budget.status)) {
      await client.replace(disruptionBudgets, { ...budget, status }, 'status')
    }
    const expiry = nextExpiry(status)
    if (expiry !== undefined) queue.after(key, Math.max(0, expiry - now))
  }

  /** How many pods the owners of these ask for: each deployment, or ReplicaSet without one, counts once. */
  function wantedOf(selected: readonly Stored<Pod>[]): number {
    const wanted = new Map<string, number>()
    for (const pod of selected) {
      const owner = controllerOf(pod)
      const replicaSet = owner && replicaSetStore.get(`${pod.metadata.namespace}/${owner.name}`)
      if (!replicaSet || replicaSet.metadata.uid !== owner.uid) continue
      const above = controllerOf(replicaSet)
      const deployment = above && deploymentStore.get(`${pod.metadata.namespace}/${above.name}`)
      const workload = deployment?.metadata.uid === above?.uid ? (deployment ?? replicaSet) : replicaSet
      wanted.set(workload.metadata.uid, replicasOf(workload))
    }
    return sum([...wanted.values()])
  }
}

function isSelectedBy({ spec }: PodDisruptionBudget, pod: Pod): boolean {
  return spec?.selector !== undefined && selects(spec.selector, pod.metadata?.labels)
}

import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import { selects } from '../../labels.ts'
import { apiTime } from '../../time.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import type { Call } from '../http/call.ts'
import { isJsonObject, type Stored } from '../objects.ts'
import { disruptionBudgets } from '../resources/disruption-budgets.ts'
import { pods } from '../resources/pods.ts'
import { notFound, StatusError, tooManyRequests } from '../status.ts'
import { isDryRun, isDryRunQuery } from '../verbs/options.ts'
import { deleteOptionsFrom, remove } from '../verbs/remove.ts'
import type { Subresource } from './subresource.ts'

type Budget = Stored<PodDisruptionBudget>

const retrySeconds = 10

/** A deletion that asks the pod's disruption budget first. */
export const eviction: Subresource = {
  kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
  verbs: { create: evict },
}

async function evict(call: Call): Promise<Answer> {
  const { cluster, request, namespace, name } = call
  const body = await readObject(request)
  const options = deleteOptionsFrom(isJsonObject(body.deleteOptions) ? body.deleteOptions : {})
  const dryRun = isDryRunQuery(request, 'CreateOptions') || isDryRun(options.dryRun ?? [], 'DeleteOptions')
  const pod = cluster.store.get(pods, namespace, name)
  if (!pod) throw notFound(pods, name)
  const budget = budgetFor(pod, cluster.store.list(disruptionBudgets, namespace))
  if (budget && mustAsk(pod, budget)) {
    const charged = chargedBy(name, budget, apiTime(cluster.clock.now()))
    if (!dryRun) cluster.store.put(disruptionBudgets, charged)
  }
  remove(call, pod, { ...options, ...(dryRun ? { dryRun: ['All'] } : {}) })
  return jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

/** The budget of a pod that can be disrupted at all. @throws StatusError 500 when it has several */
function budgetFor(pod: Stored<Pod>, budgets: readonly Budget[]): Budget | undefined {
  const isOver = ['Pending', 'Succeeded', 'Failed'].includes(pod.status?.phase ?? '')
  if (isOver || pod.metadata.deletionTimestamp) return undefined
  const own = budgets.filter(({ spec }) => spec?.selector && selects(spec.selector, pod.metadata.labels))
  if (own.length <= 1) return own[0]
  throw new StatusError(
    500,
    'InternalError',
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )
}

/** A pod that is not ready serves nobody: it costs the budget nothing, as long as that is healthy without it. */
function mustAsk(pod: Stored<Pod>, { spec, status }: Budget): boolean {
  const isReady = pod.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  if (isReady) return true
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return false
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return !(currentHealthy >= desiredHealthy && desiredHealthy > 0)
}

/** The budget with one disruption less. @throws StatusError 429 when it allows none */
function chargedBy(pod: string, budget: Budget, time: string): Budget {
  const { metadata, status } = budget
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const message = `The disruption budget ${metadata.name} is still being processed by the server.`
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [{ reason: 'DisruptionBudget', message }],
      retryAfterSeconds: retrySeconds,
    })
  }
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, expectedPods = 0 } = status ?? {}
  if (disruptionsAllowed <= 0) {
    const message = `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [{ reason: 'DisruptionBudget', message }],
    })
  }
  const disruptedPods = { ...status?.disruptedPods, [pod]: time }
  const counts = { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: disruptionsAllowed - 1 }
  return { ...budget, status: { ...status, ...counts, disruptedPods } }
}

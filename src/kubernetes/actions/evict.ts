import { currentSession } from '../../session/session.ts'
import { systemClock } from '../../support/clock.ts'
import { ChaosError } from '../../support/errors.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { ApiFailure, hasCode } from '../api/errors.ts'
import type { Pod } from '../api/resources.ts'

/** The newer one first. Kubernetes knows it since 1.22, and has not forgotten the other. */
const versions = ['policy/v1', 'policy/v1beta1']

/**
 * Asks that a pod be evicted. One that has ended meanwhile needs it no more.
 *
 * @returns the budget that forbids it now, in the words of the API; undefined when it is evicted
 */
async function evictPod(client: KubernetesClient, pod: Pod, gracePeriodSeconds?: number): Promise<string | undefined> {
  const { namespace, name, uid } = pod.metadata
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  const deleteOptions = { ...grace, preconditions: { uid } }
  for (const apiVersion of versions) {
    const body = { apiVersion, kind: 'Eviction', metadata: { namespace, name }, deleteOptions }
    try {
      await client.createPart(pods, { namespace, name }, 'eviction', body)
      return undefined
    } catch (error) {
      if (hasCode(error, 'CHAOS_NOT_FOUND', 'CHAOS_CONFLICT')) return undefined
      if (hasCode(error, 'CHAOS_API_OVERLOADED')) return budgetIn(error)
      const isUnknownVersion =
        hasCode(error, 'CHAOS_INVALID') && /no kind "?Eviction"? is registered/.test(error.message)
      if (!isUnknownVersion) throw error
    }
  }
}

/** Pods that are to be evicted, one after the other. */
export interface Evictions {
  /** What they are evicted for: `node/worker-2`. */
  subject: string
  chosen: readonly Pod[]
  /** How long a budget that forbids one is asked again. */
  withinMs: number
  gracePeriodSeconds: number | undefined
}

const askAgainAfterMs = 500

/**
 * Evicts pods, and says how far it is: which pod is left, and which budget it waits for.
 *
 * @throws CHAOS_EVICTION_BLOCKED when a PodDisruptionBudget forbids one until the end of its time: those before it were evicted
 */
export async function evictPods(client: KubernetesClient, evictions: Evictions): Promise<void> {
  const { subject, chosen, withinMs, gracePeriodSeconds } = evictions
  const { record } = currentSession()
  for (const [evicted, pod] of chosen.entries()) {
    const tell = (message: string) => record({ type: 'action-progress', subject, message })
    const giveUpAt = performance.now() + withinMs
    let told: string | undefined
    for (;;) {
      const budget = await evictPod(client, pod, gracePeriodSeconds)
      if (budget === undefined) break
      if (budget !== told) tell(`${evicted} of ${chosen.length} evicted, pod/${pod.metadata.name} waits: ${budget}`)
      told = budget
      if (performance.now() >= giveUpAt) throw blocked(pod, budget)
      await systemClock.sleep(askAgainAfterMs, client.signal)
    }
    tell(`${evicted + 1} of ${chosen.length} evicted`)
  }
}

/** Asks for each pod once whether it would be evicted now. What a budget forbids now, it may allow in its time. */
export async function rehearseEvictions(client: KubernetesClient, evictions: Evictions): Promise<void> {
  const { chosen, withinMs, gracePeriodSeconds } = evictions
  for (const pod of chosen) {
    const budget = await evictPod(client, pod, gracePeriodSeconds)
    if (budget === undefined) continue
    if (withinMs === 0) throw blocked(pod, budget)
    const message = `pod/${pod.metadata.name} would not be evicted now: ${budget}. It would be asked again for ${formatMilliseconds(withinMs)}.`
    currentSession().record({ type: 'notice', message })
  }
}

function blocked({ metadata: { name } }: Pod, budget: string): ChaosError {
  return new ChaosError(
    'CHAOS_EVICTION_BLOCKED',
    `pod/${name} was not evicted: a PodDisruptionBudget forbids it now (${budget}). Give it time by { within: '30s' }, have more replicas, or terminate the pod, which asks no budget.`,
  )
}

/** The API names the budget in a cause of its answer. */
function budgetIn({ cause }: ChaosError): string {
  const said = cause instanceof ApiFailure ? causeIn(cause.body) : undefined
  return said?.replace(/\.$/, '') ?? 'it says no more'
}

interface Refusal {
  message?: string
  details?: { causes?: Array<{ message?: string }> }
}

function causeIn(body: string): string | undefined {
  try {
    const { message, details }: Refusal = JSON.parse(body)
    return details?.causes?.[0]?.message ?? message
  } catch {
    return undefined
  }
}

import { ChaosError } from '../support/errors.ts'
import { pods } from './api-resources.ts'
import type { KubernetesClient } from './client.ts'
import { ApiFailure, hasCode } from './errors.ts'
import type { Pod } from './resources.ts'

/** The newer one first. Kubernetes knows it since 1.22, and has not forgotten the other. */
const versions = ['policy/v1', 'policy/v1beta1']

/**
 * Asks that a pod be evicted. One that has ended meanwhile needs it no more.
 *
 * @throws CHAOS_EVICTION_BLOCKED when a PodDisruptionBudget forbids it
 */
export async function evictPod(client: KubernetesClient, pod: Pod, gracePeriodSeconds?: number): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  const deleteOptions = { ...grace, preconditions: { uid } }
  for (const apiVersion of versions) {
    const body = { apiVersion, kind: 'Eviction', metadata: { namespace, name }, deleteOptions }
    try {
      await client.createPart(pods, { namespace, name }, 'eviction', body)
      return
    } catch (error) {
      if (hasCode(error, 'CHAOS_NOT_FOUND', 'CHAOS_CONFLICT')) return
      if (hasCode(error, 'CHAOS_API_OVERLOADED')) throw blocked(pod, error)
      const isUnknownVersion =
        hasCode(error, 'CHAOS_INVALID') && /no kind "?Eviction"? is registered/.test(error.message)
      if (!isUnknownVersion) throw error
    }
  }
}

/** The API names the budget in a cause of its answer. */
function blocked({ metadata: { name } }: Pod, error: ChaosError): ChaosError {
  const cause = error.cause instanceof ApiFailure ? causeIn(error.cause.body) : undefined
  return new ChaosError(
    'CHAOS_EVICTION_BLOCKED',
    `pod/${name} was not evicted: a PodDisruptionBudget forbids it now (${cause ?? 'it says no more'}). Give it time by { within: '30s' }, have more replicas, or terminate the pod, which asks no budget.`,
    { cause: error },
  )
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

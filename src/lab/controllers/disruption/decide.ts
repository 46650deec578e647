import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from 'kubernetes-types/policy/v1.d.ts'
import { apiTime } from '../../time.ts'
import { disruptedPodTimeoutMs } from '../constants.ts'
import { amountOf, isBeingDeleted, readySince } from '../objects.ts'

/** What a budget is judged by. */
export interface DisruptionFacts {
  budget: PodDisruptionBudget
  /** The pods that it selects. */
  pods: readonly Pod[]
  /** How many pods the workloads ask for that own them. */
  wantedPods: number
  now: number
}

/**
 * The status of a budget: how many of its pods may be evicted now, so that enough stay healthy.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
 */
export function budgetStatus({ budget, pods, wantedPods, now }: DisruptionFacts): PodDisruptionBudgetStatus {
  const { expectedPods, desiredHealthy } = goalOf(budget, pods.length, wantedPods)
  const disruptedPods = stillDisrupted(budget.status?.disruptedPods ?? {}, pods, now)
  const currentHealthy = pods.filter((pod) => isHealthy(pod, disruptedPods)).length
  const spare = currentHealthy - desiredHealthy
  const disruptionsAllowed = expectedPods > 0 && spare > 0 ? spare : 0
  return {
    observedGeneration: budget.metadata?.generation ?? 0,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [allowance(budget, disruptionsAllowed > 0, now)],
  }
}

/** When a disruption that was allowed and never happened is forgotten; undefined when there is none. */
export function nextExpiry({ disruptedPods = {} }: PodDisruptionBudgetStatus): number | undefined {
  const times = Object.values(disruptedPods).map((time) => Date.parse(time) + disruptedPodTimeoutMs)
  return times.length > 0 ? Math.min(...times) : undefined
}

function goalOf(
  { spec = {} }: PodDisruptionBudget,
  podCount: number,
  wantedPods: number,
): { expectedPods: number; desiredHealthy: number } {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, wantedPods - amountOf(maxUnavailable, wantedPods, Math.ceil))
    return { expectedPods: wantedPods, desiredHealthy }
  }
  if (typeof minAvailable === 'number') return { expectedPods: podCount, desiredHealthy: minAvailable }
  return { expectedPods: wantedPods, desiredHealthy: amountOf(minAvailable ?? 0, wantedPods, Math.ceil) }
}

/** Evictions that were allowed and do not show yet. */
function stillDisrupted(
  disrupted: Readonly<Record<string, string>>,
  pods: readonly Pod[],
  now: number,
): Record<string, string> {
  const waiting = new Set(pods.filter((pod) => !isBeingDeleted(pod)).map(({ metadata }) => metadata?.name))
  return Object.fromEntries(
    Object.entries(disrupted).filter(
      ([name, time]) => waiting.has(name) && Date.parse(time) + disruptedPodTimeoutMs > now,
    ),
  )
}

function isHealthy(pod: Pod, disrupted: Readonly<Record<string, string>>): boolean {
  return !isBeingDeleted(pod) && !Object.hasOwn(disrupted, pod.metadata?.name ?? '') && readySince(pod) !== undefined
}

function allowance({ metadata, status }: PodDisruptionBudget, allowed: boolean, now: number) {
  const value = allowed ? 'True' : 'False'
  const before = status?.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  return {
    type: 'DisruptionAllowed',
    status: value,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: metadata?.generation ?? 0,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : apiTime(now),
  }
}

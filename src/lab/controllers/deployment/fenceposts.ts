import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { amountOf, replicasOf } from '../objects.ts'

/** How far a rolling update may leave the number of pods that the deployment asks for. */
export interface Fenceposts {
  /** Pods above the number. */
  surge: number
  /** Pods below the number, of those available. */
  unavailable: number
}

/**
 * Surge percentages are rounded up, unavailable ones down; where both come to 0, one pod may be unavailable, for
 * otherwise nothing could move. Both are 0 for a strategy that is no rolling update.
 */
export function surgeAndUnavailable(deployment: Deployment): Fenceposts {
  const strategy = deployment.spec?.strategy
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 }
  const desired = replicasOf(deployment)
  const surge = amountOf(strategy?.rollingUpdate?.maxSurge ?? '25%', desired, Math.ceil)
  const unavailable = amountOf(strategy?.rollingUpdate?.maxUnavailable ?? '25%', desired, Math.floor)
  const atLeastOne = surge === 0 && unavailable === 0 ? 1 : unavailable
  return { surge, unavailable: Math.min(atLeastOne, desired) }
}

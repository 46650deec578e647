import { usageError } from '../support/errors.ts'

/** The label of a namespace that says which environment it belongs to, such as `production`. */
export const environmentLabel = 'chaos-test/environment'

/** An environment, and who says that the target belongs to it. */
export interface EnvironmentClaim {
  environment: string
  /** `the config`, or the label of the namespace. */
  saidBy: string
}

/**
 * Refuses a target whose environment was not confirmed by name: each that the config or the cluster gives it.
 *
 * @throws CHAOS_ENVIRONMENT_NOT_CONFIRMED (usage)
 */
export function checkEnvironment(
  place: string,
  claims: readonly EnvironmentClaim[],
  confirmed: readonly string[],
): void {
  const open = claims.find(({ environment }) => !confirmed.includes(environment))
  if (!open) return
  const { environment, saidBy } = open
  const instead = confirmed.length > 0 ? `, and ${confirmed.map((each) => `"${each}"`).join(', ')} was confirmed` : ''
  throw usageError(
    'CHAOS_ENVIRONMENT_NOT_CONFIRMED',
    `The ${place} is of the environment "${environment}", as ${saidBy} says${instead}. Nothing was done. If it is meant, confirm it by name: --yes-in ${environment}.`,
  )
}

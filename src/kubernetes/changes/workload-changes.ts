import { ChaosError } from '../../support/errors.ts'
import { type ApiResource, pods, resourceName } from '../api/api-resources.ts'
import type { Workload } from '../api/resources.ts'
import { workloadKindOf } from '../watch/workload-kinds.ts'
import type { ReadObject } from './change.ts'
import type { FieldChange } from './fields.ts'
import type { Impact } from './impact.ts'

/** `Recreate` ends all pods first. */
export function rollsGradually({ spec }: Workload): boolean {
  return !('strategy' in spec && (spec.strategy as { type?: string } | undefined)?.type === 'Recreate')
}

/**
 * The pods that a change of an object hits; all of them when it is deleted.
 *
 * @param changes absent: it is deleted
 */
export function impactOnWorkload(
  resource: ApiResource,
  read: ReadObject,
  changes: readonly FieldChange[] | undefined,
): Omit<Impact, 'objects'> {
  const { name = '' } = read.metadata
  if (resourceName(resource) === resourceName(pods)) return { pods: { hit: 1, of: 1, among: `pod/${name}` } }
  const kind = workloadKindOf(resource)
  if (!kind) return {}
  const workload = read as unknown as Workload
  const of = kind.desiredOf(workload)
  const among = `the pods of ${kind.kind}/${name}`
  if (!changes) return { pods: { hit: of, of, among } }
  const rollsOut = changes.some(({ path }) => path.startsWith('/spec/template'))
  if (rollsOut) return { pods: { hit: of, of, among, gradually: rollsGradually(workload) } }
  const replicas = changes.find(({ path }) => path === '/spec/replicas')?.after
  return { pods: { hit: typeof replicas === 'number' ? Math.max(0, of - replicas) : 0, of, among } }
}

/**
 * Refuses to change a workload that is being rolled out, or paused.
 *
 * @throws CHAOS_ROLLOUT_IN_PROGRESS
 */
export function refuseWhileRollingOut(
  tried: string,
  resource: ApiResource,
  read: ReadObject,
  { evenIfRollingOut = false }: { evenIfRollingOut?: boolean },
): void {
  const kind = workloadKindOf(resource)
  if (!kind || evenIfRollingOut) return
  const workload = read as unknown as Workload
  const { state, message } = kind.progressOf(workload)
  const paused = workload.spec.paused ?? false
  if (state === 'complete' && !paused) return
  const found = paused ? 'is paused' : `is being rolled out already (${message})`
  throw new ChaosError(
    'CHAOS_ROLLOUT_IN_PROGRESS',
    `${tried}: ${kind.kind}/${read.metadata.name} ${found}, and what came of another change could not be told apart. ${paused ? 'Resume it' : 'Wait for its end'}, or say { evenIfRollingOut: true }.`,
  )
}

import { ChaosError } from '../../support/errors.ts'
import type { UndoContext } from '../../undo/types.ts'
import type { ApiResource } from '../api/api-resources.ts'
import { connect } from '../api/client.ts'
import { type Permission, permissionsTo } from '../api/permissions.ts'
import type { ObjectReference } from '../api/resources.ts'
import { awaitRollout } from './rollout.ts'
import { whyNotReady } from './why-not-ready.ts'
import { workloadKindOf } from './workload-kinds.ts'

/** Kubernetes' own default where a workload names no deadline. */
const defaultProgressDeadlineSeconds = 600
const marginMs = 10_000

/** What waiting for an object of a kind needs, beside reading it. */
export function settlingPermissions(resource: ApiResource, { namespace }: { namespace?: string }): Permission[] {
  if (!workloadKindOf(resource)) return []
  return permissionsTo(['list'], resource, namespace === undefined ? {} : { namespace })
}

/**
 * Waits for the end of the rollout that putting a workload back has begun. Other objects are as they are at once, and a
 * paused deployment rolls nothing out.
 *
 * @throws CHAOS_ROLLBACK_NOT_COMPLETE (not-restored) when it makes no progress any more
 */
export async function awaitSettled(
  resource: ApiResource,
  reference: ObjectReference,
  uid: string | undefined,
  { target, signal }: UndoContext,
): Promise<void> {
  const workload = workloadKindOf(resource)
  if (!workload) return
  const client = await connect(target, signal)
  const found = await client.find(workload.resource, reference)
  if (!found || (uid !== undefined && found.metadata.uid !== uid) || found.spec.paused) return
  // After this time without a step, nothing more is to be expected.
  const withinMs = (found.spec.progressDeadlineSeconds ?? defaultProgressDeadlineSeconds) * 1000 + marginMs
  let seen: string | undefined
  for (;;) {
    const { outcome, progress } = await awaitRollout(target, reference, {
      workload,
      withinMs,
      signal,
      uid: found.metadata.uid,
    })
    if (outcome === 'complete' || outcome === 'gone') return
    if (outcome === 'deadline-exceeded' || progress?.message === seen) {
      const why = await whyNotReady(client, workload, reference)
      throw notSettled(`${workload.kind}/${reference.name}`, progress?.message, why)
    }
    seen = progress?.message
  }
}

function notSettled(subject: string, message = 'nothing could be seen of it', why = ''): ChaosError {
  return new ChaosError(
    'CHAOS_ROLLBACK_NOT_COMPLETE',
    `${subject} is as it was, and its rollout does not complete: ${message}.${why}`,
    { verdict: 'not-restored' },
  )
}

import { type Clock, systemClock } from '../../support/clock.ts'
import { ChaosError } from '../../support/errors.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import type { TargetReference } from '../../undo/types.ts'
import { connect } from '../api/client.ts'
import type { ObjectReference, Workload } from '../api/resources.ts'
import { observe } from './observe.ts'
import type { RolloutProgress } from './progress.ts'
import { deploymentKind, type WorkloadKind } from './workload-kinds.ts'

/**
 * `complete`: every pod is of the new version and available, no old one is left. `deadline-exceeded`: Kubernetes says
 * that it makes no progress any more. `timed-out`: neither, in the time that was given.
 */
export type RolloutOutcome = 'complete' | 'deadline-exceeded' | 'timed-out'

export interface RolloutResult {
  /** `gone`: the object does not exist, or is another one of that name. */
  outcome: RolloutOutcome | 'gone'
  /** What was seen last; absent when it was never seen. */
  progress?: RolloutProgress
}

export interface AwaitRolloutOptions {
  /** @default a deployment */
  workload?: WorkloadKind
  withinMs: number
  signal: AbortSignal
  /** Of this object, and no later one of that name. */
  uid?: string
  /** Called whenever what it tells has changed. */
  onProgress?(progress: RolloutProgress): void
  clock?: Clock
}

/**
 * The deadline of the rollout before stays in the status for a moment after a change back to a version that still has
 * pods. What says so from the first look on is believed when it stands.
 */
const staleForMs = 2000
/** Whoever has not seen it for longer cannot say that it did not complete. */
const oldLookMs = 5000
/** The longest that a timer can wait. */
const longestTimeoutMs = 2 ** 31 - 1

/**
 * Waits for the end of a rollout.
 *
 * @throws the signal's reason; a ChaosError of `errors.ts` when the API could not be asked at the end of the time, or
 * refuses to be asked
 */
export async function awaitRollout(
  target: TargetReference,
  reference: ObjectReference,
  options: AwaitRolloutOptions,
): Promise<RolloutResult> {
  const { signal, uid, onProgress, clock = systemClock } = options
  const workload = options.workload ?? deploymentKind
  const timeout = AbortSignal.timeout(Math.min(options.withinMs, longestTimeoutMs))
  const client = await connect(target, AbortSignal.any([signal, timeout]))
  const isOverdue = overdueJudge(clock)
  let unanswered: ChaosError | undefined
  let seenAt = Number.NEGATIVE_INFINITY
  let progress: RolloutProgress | undefined
  try {
    for await (const sighting of observe<Workload>(client, workload.resource, reference)) {
      unanswered = 'error' in sighting ? sighting.error : undefined
      if ('error' in sighting) continue
      seenAt = clock.now()
      const { object } = sighting
      if (!object || (uid !== undefined && object.metadata.uid !== uid)) return { outcome: 'gone' }
      const before = progress?.message
      progress = workload.progressOf(object)
      if (progress.message !== before) onProgress?.(progress)
      if (progress.state === 'complete') return { outcome: 'complete', progress }
      if (isOverdue(progress)) return { outcome: 'deadline-exceeded', progress }
    }
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error
  }
  if (unanswered) throw unanswered
  if (clock.now() - seenAt > oldLookMs) throw notSeen(`${workload.kind}/${reference.name}`, options.withinMs)
  return { outcome: 'timed-out', ...(progress ? { progress } : {}) }
}

function notSeen(subject: string, withinMs: number): ChaosError {
  return new ChaosError(
    'CHAOS_UNREACHABLE',
    `Whether the rollout of ${subject} completed within ${formatMilliseconds(withinMs)} is not known: the API server did not answer at the end of that time. Check that the cluster is up.`,
  )
}

/** Tells a deadline that this rollout exceeded from one that is left over from the rollout before. */
function overdueJudge(clock: Clock): (progress: RolloutProgress) => boolean {
  let believedFrom: number | undefined
  return ({ state, condition }) => {
    if (state === 'deadline-exceeded') {
      believedFrom ??= clock.now() + staleForMs
      return clock.now() >= believedFrom
    }
    if (condition) believedFrom = 0
    return false
  }
}

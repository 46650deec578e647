import type { PodSighting } from '../../journal/events.ts'
import { systemClock } from '../../support/clock.ts'
import type { TargetReference } from '../../undo/types.ts'
import { pods } from '../api/api-resources.ts'
import { connect } from '../api/client.ts'
import { formatSelector } from '../api/names.ts'
import type { Pod } from '../api/resources.ts'
import { after, observeAll } from './observe.ts'
import { isReady } from './ready.ts'

/** How pods are, as far as the API has told by now; undefined where it does not tell. */
export type PodsNow = () => readonly PodSighting[] | undefined

/** Users wait no longer for the first look. */
const firstLookMs = 1000

/** How its users may look at the pods that a service selects. */
export function watchPodsOf(
  target: TargetReference,
  namespace: string,
  selector: Record<string, string> = {},
): { watchPods?: (over: AbortSignal) => Promise<PodsNow> } {
  const labelSelector = formatSelector({ matchLabels: selector })
  if (labelSelector === '') return {}
  return { watchPods: (over) => watchPods(target, { namespace, labelSelector }, over) }
}

/**
 * Looks at the pods with these labels until the signal aborts. It is of use and never in the way: whoever may not look,
 * or cannot, knows nothing of them.
 */
export async function watchPods(
  target: TargetReference,
  query: { namespace: string; labelSelector: string },
  signal: AbortSignal,
): Promise<PodsNow> {
  const firstLook = Promise.withResolvers<void>()
  let known: ReadonlyMap<string, Pod> | undefined
  const look = async () => {
    for await (const change of observeAll(await connect(target, signal), pods, query)) {
      known = after(known, change)
      firstLook.resolve()
    }
  }
  const forget = () => {
    known = undefined
    firstLook.resolve()
  }
  look().catch(forget)
  await Promise.race([firstLook.promise, systemClock.sleep(firstLookMs, signal).catch(() => undefined)])
  return () => known && [...known.values()].map(sightingOf)
}

function sightingOf(pod: Pod): PodSighting {
  const { name, deletionTimestamp } = pod.metadata
  const state = deletionTimestamp !== undefined ? 'terminating' : isReady(pod) ? 'ready' : 'not ready'
  return { name, phase: pod.status?.phase ?? 'Unknown', state }
}

import type { ApiObject } from './objects.ts'
import { events } from './resources/events.ts'
import type { Cluster } from './resources/resource.ts'

/** How long an event is kept after it was written last: `--event-ttl` of Kubernetes' API server. */
const eventLifetimeMs = 60 * 60 * 1000

/**
 * Removes each event when its time is over, so that a lab may live for days. Watches hear of it, as on a cluster.
 *
 * @returns what ends it
 */
export function expireEvents({ store, clock }: Pick<Cluster, 'clock' | 'store'>): () => void {
  /** By their uid, in the order in which they expire. */
  const kept = new Map<string, { event: ApiObject; expiresAtMs: number }>()
  const ending = new AbortController()
  let isWaiting = false

  const unsubscribe = store.subscribe(events, ({ type, object: event }) => {
    const { uid } = event.metadata
    kept.delete(uid)
    if (type === 'DELETED') return
    kept.set(uid, { event, expiresAtMs: clock.now() + eventLifetimeMs })
    if (!isWaiting) void expireAll()
  })

  async function expireAll(): Promise<void> {
    isWaiting = true
    for (const { event, expiresAtMs } of kept.values()) {
      const waitMs = expiresAtMs - clock.now()
      if (waitMs > 0) await clock.sleep(waitMs, ending.signal).catch(() => {})
      if (ending.signal.aborted) return
      // One that was written meanwhile is further down.
      if (kept.get(event.metadata.uid)?.event === event) store.remove(events, event)
    }
    isWaiting = false
  }

  return () => {
    unsubscribe()
    ending.abort()
  }
}

import { currentCluster } from '../../session/session.ts'
import { systemClock } from '../../support/clock.ts'
import { type Duration, toMilliseconds } from '../../support/quantities.ts'
import { events } from '../api/api-resources.ts'
import { call } from '../api/call.ts'
import type { KubernetesEvent } from '../api/resources.ts'

export interface EventQuery {
  /** The namespace; absent: that of the target. */
  namespace?: string
  /** Only what was seen since: a time, or so long ago. The API tells times in whole seconds. */
  since?: Date | Duration
  /** What it is about, as kubectl names it: `deployment/web`, `pod`. */
  about?: string
  type?: 'Normal' | 'Warning'
  reason?: string
}

/** What Kubernetes says that happened. */
export interface EventView {
  /** As kubectl names it: `pod/web-5d8f`. */
  about: string
  type: string
  reason: string
  message: string
  count: number
  /** When it was seen last: milliseconds since the epoch. */
  at: number
}

/** The events of a namespace, the oldest first. */
export async function readEvents(query: EventQuery = {}): Promise<EventView[]> {
  const namespace = query.namespace ?? currentCluster().namespace
  const { since, about, type, reason } = query
  const sinceMs = since === undefined ? 0 : millisecondsOf(since)
  return await call('events', { 'k8s.namespace.name': namespace }, async (client) => {
    const { items } = await client.list(events, { namespace })
    return items
      .map(viewOf)
      .filter((event) => event.at >= Math.floor(sinceMs / 1000) * 1000)
      .filter((event) => about === undefined || event.about === about || event.about.startsWith(`${about}/`))
      .filter((event) => (type === undefined || event.type === type) && (reason ?? event.reason) === event.reason)
      .sort((a, b) => a.at - b.at)
  })
}

function millisecondsOf(since: Date | Duration): number {
  return since instanceof Date ? since.getTime() : systemClock.now() - toMilliseconds(since)
}

function viewOf(event: KubernetesEvent): EventView {
  const { involvedObject: about, type = '', reason = '', message = '', series, count } = event
  const at = series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? ''
  return {
    about: `${about.kind?.toLowerCase()}/${about.name}`,
    type,
    reason,
    message,
    count: series?.count ?? count ?? 1,
    at: Date.parse(at) || 0,
  }
}

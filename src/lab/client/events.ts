import type { Event } from 'kubernetes-types/core/v1.d.ts'
import { type Clock, systemClock } from '../../support/clock.ts'
import { apiTime } from '../time.ts'
import type { ApiClient } from './client.ts'
import { isNotFound } from './error.ts'
import { events, type KubernetesObject, type Stored } from './resources.ts'

/** Writes the events that `kubectl describe` shows. They are a courtesy: one that cannot be written is dropped. */
export interface EventRecorder {
  /**
   * Something happened to the object. The same once more raises the count of the event that is there.
   *
   * @example recorder.record(pod, 'Warning', 'Unhealthy', 'Readiness probe failed: connection refused')
   */
  record(object: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string): void
  /** Resolves when all events are written. */
  flush(): Promise<void>
}

/** Events of many objects are told apart until so many; then the oldest count begins again. */
const rememberedEvents = 1_000

/** An event recorder that speaks for a component, as in `deployment-controller`, or in `kubelet` on a `host`. */
export function eventRecorder(
  client: ApiClient,
  component: string,
  options: { host?: string; clock?: Clock } = {},
): EventRecorder {
  const clock = options.clock ?? systemClock
  const source = { component, ...(options.host ? { host: options.host } : {}) }
  const written = new Map<string, Stored<Event>>()
  let sequence = 0
  let writing = Promise.resolve()

  function newEvent(object: KubernetesObject, type: string, reason: string, message: string, at: string): Event {
    const { name = '', namespace = 'default', uid = '', resourceVersion = '' } = object.metadata ?? {}
    sequence += 1
    const unique = (clock.now() * 1000 + (sequence % 1000)).toString(16)
    return {
      metadata: { name: `${name}.${unique}`, namespace },
      involvedObject: {
        apiVersion: object.apiVersion ?? '',
        kind: object.kind ?? '',
        namespace: object.metadata?.namespace ?? '',
        name,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      source,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
    }
  }

  async function write(key: string, event: Event): Promise<void> {
    const earlier = written.get(key)
    const stored = (earlier && (await raise(earlier, event))) ?? (await client.create(events, event))
    written.delete(key)
    written.set(key, stored)
    const oldest = written.keys().next().value
    if (written.size > rememberedEvents && oldest !== undefined) written.delete(oldest)
  }

  /** Counts one more of an event; undefined when it has expired. */
  async function raise({ metadata, count = 1 }: Stored<Event>, again: Event): Promise<Stored<Event> | undefined> {
    try {
      const { lastTimestamp } = again
      return await client.patch(events, metadata, { count: count + 1, lastTimestamp }, { type: 'merge' })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  return {
    record(object, type, reason, message) {
      const at = apiTime(clock.now())
      const event = newEvent(object, type, reason, message, at)
      const key = [object.metadata?.uid, type, reason, message].join('\n')
      writing = writing.then(() => write(key, event)).catch(() => void written.delete(key))
    },
    flush: () => writing,
  }
}

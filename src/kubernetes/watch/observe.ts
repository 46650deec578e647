import { EventEmitter, on } from 'node:events'
import { systemClock } from '../../support/clock.ts'
import type { ChaosError } from '../../support/errors.ts'
import { type ApiResource, apiPath } from '../api/api-resources.ts'
import type { KubernetesClient, ListQuery } from '../api/client.ts'
import { isTransient } from '../api/errors.ts'
import { loadClientLibrary } from '../api/kubeconfig.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { ObjectReference } from '../api/resources.ts'

/** What was seen of an object: how it is (undefined: there is none), or that the API could not be asked just now. */
export type Sighting<T> = { object: T | undefined } | { error: ChaosError }

/** What was seen of several: all there are, one that is new or has changed, or one that is gone. */
export type Change<T> = { all: readonly T[] } | { changed: T } | { gone: T } | { error: ChaosError }

/** A watch that died without a word costs this much time, and nothing else. */
const watchLifeMs = 3000
/** Between two looks when watches end at once, because they are refused or the API server restarts. */
const pauseMs = 250

/**
 * An object as it changes, until the client's signal aborts.
 *
 * Every watch begins with a list and is short-lived, so that nothing is missed for longer than that: not by a dropped
 * connection, a version too old to resume from (410), a restarted API server or a forbidden watch.
 *
 * @throws the signal's reason; what no later look can mend: CHAOS_FORBIDDEN, CHAOS_UNAUTHORIZED
 */
export function observe<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  { namespace, name }: ObjectReference,
): AsyncGenerator<Sighting<T>, never> {
  client.note(permissionsTo(['watch'], resource, { namespace, name }))
  return changes(client, resource, { namespace, fieldSelector: `metadata.name=${name}` }, sightingOf)
}

/** As `observe`, of all the objects of a namespace that a query finds. */
export function observeAll<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  query: ObjectsQuery,
): AsyncGenerator<Change<T>, never> {
  client.note(permissionsTo(['watch'], resource, { namespace: query.namespace }))
  return changes(client, resource, query, (change) => change)
}

/** The objects that there are after a change, by their names; undefined where the API could not be asked. */
export function after<T extends { metadata: { name: string } }>(
  known: ReadonlyMap<string, T> = new Map(),
  change: Change<T>,
): ReadonlyMap<string, T> | undefined {
  if ('error' in change) return undefined
  if ('all' in change) return new Map(change.all.map((object) => [object.metadata.name, object]))
  const objects = new Map(known)
  if ('changed' in change) objects.set(change.changed.metadata.name, change.changed)
  else objects.delete(change.gone.metadata.name)
  return objects
}

function sightingOf<T>(change: Change<T>): Sighting<T> {
  if ('error' in change) return change
  if ('all' in change) return { object: change.all[0] }
  return { object: 'changed' in change ? change.changed : undefined }
}

async function* changes<T, Seen>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  query: ObjectsQuery,
  seenAs: (change: Change<T>) => Seen,
): AsyncGenerator<Seen, never> {
  for (;;) {
    const list = await client.list(resource, query).catch(transientOnly)
    if (list instanceof Error) {
      yield seenAs({ error: list })
    } else {
      yield seenAs({ all: list.items })
      for await (const change of watch(client, resource, query, list.metadata.resourceVersion)) yield seenAs(change)
    }
    await systemClock.sleep(pauseMs, client.signal)
  }
}

type ObjectsQuery = ListQuery & { namespace: string }

function transientOnly(error: unknown): ChaosError {
  if (isTransient(error)) return error
  throw error
}

interface WatchEvent<T> {
  type: string
  object: T
}

/** Changes after a version, until the watch ends, however it ends. */
async function* watch<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  { namespace, ...selectors }: ObjectsQuery,
  resourceVersion: string,
): AsyncGenerator<Change<T>> {
  const { Watch } = await loadClientLibrary()
  const stream = new EventEmitter()
  const end = () => stream.emit('end')
  const events = on(stream, 'event', { close: ['end'] })
  const life = setTimeout(end, watchLifeMs)
  client.signal.addEventListener('abort', end)
  const connection = new Watch(client.kubeconfig).watch(
    apiPath(resource, { namespace }),
    { ...selectors, resourceVersion },
    (type, object) => stream.emit('event', { type, object } satisfies WatchEvent<T>),
    end,
  )
  try {
    for await (const [{ type, object }] of events as AsyncIterable<[WatchEvent<T>]>) {
      if (type === 'ADDED' || type === 'MODIFIED') yield { changed: object }
      if (type === 'DELETED') yield { gone: object }
      if (type === 'ERROR') return
    }
  } finally {
    clearTimeout(life)
    client.signal.removeEventListener('abort', end)
    connection.then(
      (opened) => opened.abort(),
      () => undefined,
    )
  }
}

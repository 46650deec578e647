import { EventEmitter, on } from 'node:events'
import { systemClock } from '../support/clock.ts'
import type { ChaosError } from '../support/errors.ts'
import { type ApiResource, apiPath } from './api-resources.ts'
import type { KubernetesClient, ObjectList } from './client.ts'
import { isTransient } from './errors.ts'
import { loadClientLibrary } from './kubeconfig.ts'
import { notePermission } from './noted-permissions.ts'
import { permissionsTo } from './permissions.ts'
import type { ObjectReference } from './resources.ts'

/** What was seen of an object: how it is (undefined: there is none), or that the API could not be asked just now. */
export type Sighting<T> = { object: T | undefined } | { error: ChaosError }

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
export async function* observe<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  reference: ObjectReference,
): AsyncGenerator<Sighting<T>, never> {
  for (const permission of permissionsTo(['watch'], resource, reference)) notePermission(permission)
  for (;;) {
    const list = await listOne(client, resource, reference).catch(transientOnly)
    if (list instanceof Error) {
      yield { error: list }
    } else {
      yield { object: list.items[0] }
      for await (const object of watchOne(client, resource, reference, list.metadata.resourceVersion)) {
        yield { object }
      }
    }
    await systemClock.sleep(pauseMs, client.signal)
  }
}

async function listOne<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  { namespace, name }: ObjectReference,
): Promise<ObjectList<T>> {
  return await client.list(resource, { namespace, fieldSelector: `metadata.name=${name}` })
}

function transientOnly(error: unknown): ChaosError {
  if (isTransient(error)) return error
  throw error
}

interface WatchEvent<T> {
  type: string
  object: T
}

/** Its changes after a version, until the watch ends, however it ends. */
async function* watchOne<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  { namespace, name }: ObjectReference,
  resourceVersion: string,
): AsyncGenerator<T | undefined> {
  const { Watch } = await loadClientLibrary()
  const stream = new EventEmitter()
  const end = () => stream.emit('end')
  const events = on(stream, 'event', { close: ['end'] })
  const life = setTimeout(end, watchLifeMs)
  client.signal.addEventListener('abort', end)
  const connection = new Watch(client.kubeconfig).watch(
    apiPath(resource, { namespace }),
    { fieldSelector: `metadata.name=${name}`, resourceVersion },
    (type, object) => stream.emit('event', { type, object } satisfies WatchEvent<T>),
    end,
  )
  try {
    for await (const [{ type, object }] of events as AsyncIterable<[WatchEvent<T>]>) {
      if (type === 'ADDED' || type === 'MODIFIED') yield object
      if (type === 'DELETED') yield undefined
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

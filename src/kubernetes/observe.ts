import { EventEmitter, on } from 'node:events'
import { systemClock } from '../support/clock.ts'
import type { ChaosError } from '../support/errors.ts'
import { deployments } from './api-resources.ts'
import type { KubernetesClient, ObjectList } from './client.ts'
import { isTransient } from './errors.ts'
import { loadClientLibrary } from './kubeconfig.ts'
import type { Deployment, ObjectReference } from './resources.ts'

/** What was seen of a deployment: how it is (undefined: there is none), or that the API could not be asked just now. */
export type Sighting = { deployment: Deployment | undefined } | { error: ChaosError }

/** A watch that died without a word costs this much time, and nothing else. */
const watchLifeMs = 3000
/** Between two looks when watches end at once, because they are refused or the API server restarts. */
const pauseMs = 250

/**
 * A deployment as it changes, until the client's signal aborts.
 *
 * Every watch begins with a list and is short-lived, so that nothing is missed for longer than that: not by a dropped
 * connection, a version too old to resume from (410), a restarted API server or a forbidden watch.
 *
 * @throws the signal's reason; what no later look can mend: CHAOS_FORBIDDEN, CHAOS_UNAUTHORIZED
 */
export async function* observeDeployment(
  client: KubernetesClient,
  reference: ObjectReference,
): AsyncGenerator<Sighting, never> {
  for (;;) {
    const list = await listDeployment(client, reference).catch(transientOnly)
    if (list instanceof Error) {
      yield { error: list }
    } else {
      yield { deployment: list.items[0] }
      for await (const deployment of watchDeployment(client, reference, list.metadata.resourceVersion)) {
        yield { deployment }
      }
    }
    await systemClock.sleep(pauseMs, client.signal)
  }
}

async function listDeployment(
  client: KubernetesClient,
  { namespace, name }: ObjectReference,
): Promise<ObjectList<Deployment>> {
  return await client.list(deployments, { namespace, fieldSelector: `metadata.name=${name}` })
}

function transientOnly(error: unknown): ChaosError {
  if (isTransient(error)) return error
  throw error
}

interface WatchEvent {
  type: string
  object: Deployment
}

/** Its changes after a version, until the watch ends, however it ends. */
async function* watchDeployment(
  client: KubernetesClient,
  { namespace, name }: ObjectReference,
  resourceVersion: string,
): AsyncGenerator<Deployment | undefined> {
  const { Watch } = await loadClientLibrary()
  const stream = new EventEmitter()
  const end = () => stream.emit('end')
  const events = on(stream, 'event', { close: ['end'] })
  const life = setTimeout(end, watchLifeMs)
  client.signal.addEventListener('abort', end)
  const connection = new Watch(client.kubeconfig).watch(
    `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments`,
    { fieldSelector: `metadata.name=${name}`, resourceVersion },
    (type, object) => stream.emit('event', { type, object } satisfies WatchEvent),
    end,
  )
  try {
    for await (const [{ type, object }] of events as AsyncIterable<[WatchEvent]>) {
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

import { isDeepStrictEqual } from 'node:util'
import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts'
import { endpoints, isAlreadyExists, isNotFound, keyOf, nameOfKey, type Stored } from '../../client/index.ts'
import type { ControllerContext } from '../context.ts'
import { followServices } from './pods.ts'
import { subsetsOf } from './subsets.ts'

/** Keeps, for each service that selects pods, the list of their addresses. */
export function startEndpointsController(context: ControllerContext): void {
  const { client } = context
  const endpointsStore = context.informer(endpoints)
  const queue = context.queue(sync)
  const services = followServices(context, (key) => queue.add(key))

  endpointsStore.onChange((old, current) => {
    const changed = current ?? old
    if (changed && services.get(keyOf(changed))) queue.add(keyOf(changed))
  })

  async function sync(key: string): Promise<void> {
    const service = services.get(key)
    if (!service) return removeOrphan(key)
    if (!service.spec?.selector) return
    const present = endpointsStore.get(key)
    const wanted = endpointsOf(service, subsetsOf(service, services.selectedBy(service)))
    if (!present) await createUnlessThere(wanted)
    else if (differs(present, wanted)) {
      await client.replace(endpoints, { ...present, ...wanted, metadata: { ...present.metadata, ...wanted.metadata } })
    }
  }

  /** Those that the store has not seen yet are compared as soon as it has. */
  async function createUnlessThere(wanted: Endpoints): Promise<void> {
    try {
      await client.create(endpoints, wanted)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
  }

  /** Endpoints are their service's: nobody else takes them away. The store need not have seen them yet. */
  async function removeOrphan(key: string): Promise<void> {
    try {
      await client.remove(endpoints, nameOfKey(key))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function endpointsOf(service: Stored<Service>, subsets: NonNullable<Endpoints['subsets']>): Endpoints {
  const { name, namespace, labels } = service.metadata
  return { metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) }, subsets }
}

function differs(present: Endpoints, wanted: Endpoints): boolean {
  return (
    !isDeepStrictEqual(present.subsets ?? [], wanted.subsets ?? []) ||
    !isDeepStrictEqual(present.metadata?.labels ?? {}, wanted.metadata?.labels ?? {})
  )
}

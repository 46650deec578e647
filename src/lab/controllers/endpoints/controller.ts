import { isDeepStrictEqual } from 'node:util'
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import {
  endpoints,
  isAlreadyExists,
  isNotFound,
  keyOf,
  nameOfKey,
  pods,
  type Stored,
  services,
} from '../../client/index.ts'
import { hasLabels } from '../../labels.ts'
import type { ControllerContext } from '../context.ts'
import { subsetsOf } from './subsets.ts'

/** Keeps, for each service that selects pods, the list of their addresses. */
export function startEndpointsController(context: ControllerContext): void {
  const { client } = context
  const serviceStore = context.informer(services)
  const podStore = context.informer(pods)
  const endpointsStore = context.informer(endpoints)
  const queue = context.queue(sync)

  serviceStore.onChange((old, current) => {
    const service = current ?? old
    if (service) queue.add(keyOf(service))
  })
  endpointsStore.onChange((old, current) => {
    const changed = current ?? old
    if (changed && serviceStore.get(keyOf(changed))) queue.add(keyOf(changed))
  })
  podStore.onChange((old, current) => {
    for (const pod of [old, current]) {
      if (!pod) continue
      for (const service of serviceStore.list(pod.metadata.namespace)) {
        if (isSelectedBy(service, pod)) queue.add(keyOf(service))
      }
    }
  })

  async function sync(key: string): Promise<void> {
    const service = serviceStore.get(key)
    if (!service) return removeOrphan(key)
    if (!service.spec?.selector) return
    const present = endpointsStore.get(key)
    const selected = podStore.list(service.metadata.namespace).filter((pod) => isSelectedBy(service, pod))
    const wanted = endpointsOf(service, subsetsOf(service, selected))
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

function isSelectedBy(service: Service, pod: Pod): boolean {
  const selector = service.spec?.selector
  return selector !== undefined && hasLabels(selector, pod.metadata?.labels)
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

import { isDeepStrictEqual } from 'node:util'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import { endpointSlices, isNotFound, keyOf, type Stored, services as serviceKind } from '../../client/index.ts'
import type { ControllerContext } from '../context.ts'
import { followServices } from '../endpoints/pods.ts'
import { isBeingDeleted } from '../objects.ts'
import { controllerReference } from '../ownership.ts'
import { planSlices, type SliceContent, slicesOf } from './slices.ts'

const serviceLabel = 'kubernetes.io/service-name'
const managerLabel = 'endpointslice.kubernetes.io/managed-by'
const manager = 'endpointslice-controller.k8s.io'
const headlessLabel = 'service.kubernetes.io/headless'

/** Keeps, for each service that selects pods, the slices of their endpoints. The garbage collector takes them with it. */
export function startEndpointSliceController(context: ControllerContext): void {
  const { client } = context
  const sliceStore = context.informer(endpointSlices)
  const queue = context.queue(sync)
  const services = followServices(context, (key) => queue.add(key))

  sliceStore.onChange((old, current) => {
    const slice = current ?? old
    if (slice && isOurs(slice)) queue.add(keyOf({ metadata: { ...slice.metadata, name: serviceOf(slice) } }))
  })

  async function sync(key: string): Promise<void> {
    const service = services.get(key)
    if (!service?.spec?.selector || isBeingDeleted(service)) return
    const wanted = slicesOf(service, services.selectedBy(service))
    const plan = planSlices(await presentOf(service, wanted.length), wanted)
    for (const { slice, content } of plan.write) {
      const current = sliceOf(service, content)
      if (differs(slice, current)) {
        await client.replace(endpointSlices, {
          ...slice,
          ...current,
          metadata: { ...slice.metadata, ...current.metadata },
        })
      }
    }
    for (const content of plan.create) await client.create(endpointSlices, newSliceOf(service, content))
    for (const slice of plan.remove) await removeIfPresent(slice)
  }

  /** Names are given by the server, so one that the store has not seen yet would be made twice: then the server is asked. */
  async function presentOf({ metadata }: Stored<Service>, wanted: number): Promise<Stored<EndpointSlice>[]> {
    const { namespace, name } = metadata
    const known = sliceStore.list(namespace).filter((slice) => isOurs(slice) && serviceOf(slice) === name)
    if (known.length >= wanted) return known
    const labelSelector = `${serviceLabel}=${name},${managerLabel}=${manager}`
    return (await client.list(endpointSlices, { namespace, labelSelector })).items
  }

  async function removeIfPresent({ metadata: { namespace, name } }: Stored<EndpointSlice>): Promise<void> {
    try {
      await client.remove(endpointSlices, { namespace, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata?.labels?.[managerLabel] === manager
}

function serviceOf({ metadata }: EndpointSlice): string {
  return metadata?.labels?.[serviceLabel] ?? ''
}

function sliceOf(service: Stored<Service>, content: SliceContent): EndpointSlice {
  const { name, labels } = service.metadata
  const isHeadless = service.spec?.clusterIP === 'None'
  return {
    metadata: {
      labels: {
        ...labels,
        [serviceLabel]: name,
        [managerLabel]: manager,
        ...(isHeadless ? { [headlessLabel]: '' } : {}),
      },
      ownerReferences: [controllerReference(service, serviceKind)],
    },
    addressType: 'IPv4',
    ...content,
  }
}

function newSliceOf(service: Stored<Service>, content: SliceContent): EndpointSlice {
  const { name, namespace } = service.metadata
  const slice = sliceOf(service, content)
  const place = { generateName: `${name}-`, ...(namespace ? { namespace } : {}) }
  return { ...slice, metadata: { ...place, ...slice.metadata } }
}

function differs(present: EndpointSlice, wanted: EndpointSlice): boolean {
  const said = ({ endpoints, ports = [], metadata }: EndpointSlice) => [endpoints, ports, metadata?.labels]
  return !isDeepStrictEqual(said(present), said(wanted))
}

import { isDeepStrictEqual } from 'node:util'
import type { Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import { byAddress, portsOf, referenceTo } from '../endpoints/pods.ts'
import { hasEnded, isBeingDeleted, readySince } from '../objects.ts'

/** What one slice says. */
export interface SliceContent {
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

/** How many endpoints Kubernetes puts into one slice unless it is told otherwise. */
const mostEndpoints = 100

/**
 * The endpoints of a service, also those of pods that are not ready or on their way out: each says what it is fit for.
 * Pods whose ports differ are in slices of their own. Without a pod there is one slice, empty: that the controller was
 * there.
 */
export function slicesOf(service: Service, pods: readonly Pod[]): SliceContent[] {
  const byPorts = new Map<string, SliceContent>()
  for (const pod of pods.filter(hasAddress).sort(byAddress)) {
    const ports = portsOf(service, pod).map((port) => ({ ...port, name: port.name ?? '' }))
    const key = JSON.stringify(ports)
    const content = byPorts.get(key) ?? { ports, endpoints: [] }
    content.endpoints.push(endpointOf(service, pod))
    byPorts.set(key, content)
  }
  if (byPorts.size === 0) return [{ ports: [], endpoints: [] }]
  return [...byPorts.values()].flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / mostEndpoints) }, (_, n) => ({
      ports,
      endpoints: endpoints.slice(n * mostEndpoints, (n + 1) * mostEndpoints),
    })),
  )
}

/** Which slices there are to be written, created and deleted, so that the service has those that are wanted. */
export interface SlicePlan<Slice> {
  write: { slice: Slice; content: SliceContent }[]
  create: SliceContent[]
  remove: Slice[]
}

/** One with the same ports is taken first, then any that is left over: as few as possible come and go. */
export function planSlices<Slice extends EndpointSlice>(
  present: readonly Slice[],
  wanted: readonly SliceContent[],
): SlicePlan<Slice> {
  const left = [...present]
  const take = (content: SliceContent, fits: (slice: Slice) => boolean) => {
    const index = left.findIndex(fits)
    return index < 0 ? [] : left.splice(index, 1).map((slice) => ({ slice, content }))
  }
  const same = wanted.flatMap((content) => take(content, ({ ports = [] }) => isDeepStrictEqual(ports, content.ports)))
  const others = wanted.filter((content) => !same.some((taken) => taken.content === content))
  const reused = others.flatMap((content) => take(content, () => true))
  return {
    write: [...same, ...reused],
    create: others.filter((content) => !reused.some((taken) => taken.content === content)),
    remove: left,
  }
}

function hasAddress(pod: Pod): boolean {
  return pod.status?.podIP !== undefined && !hasEnded(pod)
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const serving = readySince(pod) !== undefined
  const terminating = isBeingDeleted(pod)
  const ready = (service.spec?.publishNotReadyAddresses ?? false) || (serving && !terminating)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: referenceTo(pod),
  }
}

import type { Container, EndpointPort, ObjectReference, Pod, Service, ServicePort } from 'kubernetes-types/core/v1.d.ts'
import { keyOf, pods, type Stored, services } from '../../client/index.ts'
import { hasLabels } from '../../labels.ts'
import type { ControllerContext } from '../context.ts'

/** The services, and the pods that each selects, as the API tells of them. */
export interface ServicePods {
  get(key: string): Stored<Service> | undefined
  selectedBy(service: Stored<Service>): Stored<Pod>[]
}

/** Follows services and their pods. `changed`: the key of a service that is another now, or one of whose pods is. */
export function followServices(context: ControllerContext, changed: (key: string) => void): ServicePods {
  const serviceStore = context.informer(services)
  const podStore = context.informer(pods)
  serviceStore.onChange((old, current) => {
    const service = current ?? old
    if (service) changed(keyOf(service))
  })
  podStore.onChange((old, current) => {
    for (const pod of [old, current]) {
      if (!pod) continue
      for (const service of serviceStore.list(pod.metadata.namespace)) {
        if (isSelectedBy(service, pod)) changed(keyOf(service))
      }
    }
  })
  return {
    get: (key) => serviceStore.get(key),
    selectedBy: (service) => podStore.list(service.metadata.namespace).filter((pod) => isSelectedBy(service, pod)),
  }
}

function isSelectedBy(service: Service, pod: Pod): boolean {
  const selector = service.spec?.selector
  return selector !== undefined && hasLabels(selector, pod.metadata?.labels)
}

/** How endpoints refer to a pod. */
export function referenceTo(pod: Pod): ObjectReference {
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {}
  return { kind: 'Pod', namespace, name, uid }
}

/** The ports of a service, in the pod. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const target = targetOf(port, pod)
    if (target === undefined) return []
    return { ...(port.name ? { name: port.name } : {}), port: target, protocol: port.protocol ?? 'TCP' }
  })
}

/** The number of the port in the pod: a name is looked up among those of its containers. */
function targetOf({ port, targetPort = port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const ports = (pod.spec?.containers ?? []).flatMap((container: Container) => container.ports ?? [])
  return ports.find((named) => named.name === targetPort && (named.protocol ?? 'TCP') === protocol)?.containerPort
}

export function byAddress(a: Pod, b: Pod): number {
  return (a.status?.podIP ?? '').localeCompare(b.status?.podIP ?? '', 'en', { numeric: true })
}

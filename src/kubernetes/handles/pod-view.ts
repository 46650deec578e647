import type { Condition, Pod } from '../api/resources.ts'
import { isReady } from '../watch/ready.ts'

/** How a pod is. */
export interface PodStatusView {
  name: string
  node?: string
  phase: string
  ready: boolean
  /** Of all its containers. */
  restarts: number
  /** The image of each container that its spec asks for. */
  images: Record<string, string>
  /** The image that each container runs, as its node calls it: `docker.io/counter/service2:v1`. */
  running: Record<string, string>
  conditions: Condition[]
}

export function podView(pod: Pod): PodStatusView {
  const { metadata, spec, status = {} } = pod
  const { containerStatuses = [] } = status
  return {
    name: metadata.name,
    ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
    phase: metadata.deletionTimestamp === undefined ? (status.phase ?? 'Unknown') : 'Terminating',
    ready: isReady(pod),
    restarts: containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    images: Object.fromEntries(spec.containers.map(({ name, image }) => [name, image])),
    running: Object.fromEntries(containerStatuses.map(({ name, image = '' }) => [name, image])),
    conditions: status.conditions ?? [],
  }
}

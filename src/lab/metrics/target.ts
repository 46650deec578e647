import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../addresses.ts'
import type { Stored } from '../client/index.ts'
import type { Labels } from './labels.ts'

/** Something that exposes metrics. */
export interface Target {
  /** Tells it from all others, also from a later one at the same address. */
  id: string
  /** Where it is on this machine. */
  url: string
  /** What every series of it bears. */
  labels: Labels
}

const jobName = 'kubernetes-pods'

/**
 * What is to be scraped of a pod, as its annotations say: `prometheus.io/scrape: "true"`, `prometheus.io/port` (the
 * first port of its containers) and `prometheus.io/path` (`/metrics`). Undefined while it has no address and when it
 * has ended.
 */
export function targetOf(pod: Stored<Pod>): Target | undefined {
  const { name, namespace = '', uid, annotations = {} } = pod.metadata
  const { podIP, phase } = pod.status ?? {}
  const port = annotations['prometheus.io/port'] ?? firstPort(pod)
  const ended = phase === 'Succeeded' || phase === 'Failed'
  if (annotations['prometheus.io/scrape'] !== 'true' || !podIP || !port || ended) return undefined

  const path = annotations['prometheus.io/path'] ?? '/metrics'
  return {
    id: `${uid}:${podIP}:${port}${path}`,
    url: `http://${loopbackAddress(podIP)}:${port}${path.startsWith('/') ? path : `/${path}`}`,
    labels: { job: jobName, instance: `${podIP}:${port}`, namespace, pod: name, node: pod.spec?.nodeName ?? '' },
  }
}

function firstPort(pod: Stored<Pod>): string | undefined {
  const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? []
  return ports[0]?.containerPort.toString()
}

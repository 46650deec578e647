import { isDeepStrictEqual } from 'node:util'
import type { Container, Pod, PodSpec, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import { notReadyTaint, unreachableTaint } from '../../taints.ts'
import { setPodDefaults } from '../defaults/pod-spec.ts'
import type { Stored } from '../objects.ts'
import { podSpec, podStatus } from '../schemas/pod.ts'
import { struct } from '../schemas/schema.ts'
import { forbidden } from '../status.ts'
import { podColumns } from '../tables/pods.ts'
import { checkPodSpec } from '../validation/pod-spec.ts'
import { defineResource } from './define.ts'
import type { Resource } from './resource.ts'

/** More than the nodes of a lab have addresses for: who asks for a million pods has them refused, not made. */
const mostPods = 1000

export const pods: Resource<Stored<Pod>> = defineResource<Stored<Pod>>({
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  schema: struct({ spec: podSpec, status: podStatus }),
  ownsStatus: true,
  returnsDeleted: true,
  subresources: ['binding', 'eviction', 'exec', 'log', 'portforward'],
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName,
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec?.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName,
    'status.phase': ({ status }) => status?.phase,
    'status.podIP': ({ status }) => status?.podIP,
  },
  columns: podColumns,

  prepareCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qualityOfService(pod.spec?.containers ?? []) }
  },
  prepareStatusUpdate(pod, previous) {
    const { ownerReferences: _given, ...metadata } = pod.metadata
    const { ownerReferences } = previous.metadata
    pod.metadata = { ...metadata, ...(ownerReferences ? { ownerReferences } : {}) }
    if (pod.status) alignAddresses(pod.status)
  },
  setDefaults({ spec }) {
    if (spec) setPodDefaults(spec)
  },
  allocate({ metadata, spec }, previous, { store, podsEvictedAfterSeconds }) {
    if (previous) return
    requireRoom(metadata.name, store.count(pods))
    if (spec) tolerateLostNodes(spec, podsEvictedAfterSeconds)
  },
  check({ spec }, problems) {
    if (spec) checkPodSpec(spec, 'spec', problems)
  },
  checkUpdate({ spec }, previous, problems) {
    if (spec && previous.spec && !isDeepStrictEqual(fixedPartOf(spec), fixedPartOf(previous.spec))) {
      problems.forbidden(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations), `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      )
    }
  },
  gracePeriodSeconds({ spec, status }, requested) {
    const notRunning = !spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded'
    return notRunning ? 0 : (requested ?? spec.terminationGracePeriodSeconds ?? 30)
  },
})

/** The two fields say the same to those who read one of them; where they differ, `podIP` counts. */
function alignAddresses(status: PodStatus): void {
  const first = status.podIPs?.[0]?.ip
  const podIP = status.podIP || first
  if (!podIP) return
  status.podIP = podIP
  if (podIP !== first) status.podIPs = [{ ip: podIP }]
}

/** As a cluster with a quota refuses it. @throws StatusError 403 */
function requireRoom(name: string, used: number): void {
  if (used < mostPods) return
  const why = `exceeded quota: lab, requested: pods=1, used: pods=${used}, limited: pods=${mostPods}`
  throw forbidden({ group: '', plural: 'pods', kind: 'Pod' }, name, why)
}

/** A pod that does not say so itself stays on a node that is lost for a while, before it is evicted. */
function tolerateLostNodes(spec: PodSpec, tolerationSeconds: number): void {
  for (const key of [notReadyTaint, unreachableTaint]) {
    const tolerated = spec.tolerations?.some(
      (toleration) =>
        (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute'),
    )
    if (tolerated) continue
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
    ]
  }
}

/** What of a pod's spec is decided when it is created. */
function fixedPartOf(spec: PodSpec): object {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, containers, initContainers, ...fixed } = spec
  const withoutImage = ({ image: _image, ...rest }: Container): object => rest
  return {
    ...fixed,
    containers: containers.map(withoutImage),
    ...(initContainers ? { initContainers: initContainers.map(withoutImage) } : {}),
  }
}

function qualityOfService(containers: readonly Container[]): string {
  const measures = ['cpu', 'memory'] as const
  const guaranteed = containers.every(({ resources: { limits = {}, requests = {} } = {} }) =>
    measures.every(
      (measure) => limits[measure] !== undefined && (requests[measure] ?? limits[measure]) === limits[measure],
    ),
  )
  if (guaranteed) return 'Guaranteed'
  const any = containers.some(({ resources: { limits = {}, requests = {} } = {} }) =>
    measures.some((measure) => measure in limits || measure in requests),
  )
  return any ? 'Burstable' : 'BestEffort'
}

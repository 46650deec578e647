import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { formatAge } from './age.ts'
import { ageColumn, type Column, nameColumn, textColumn, wide } from './column.ts'

type StoredPod = Stored<Pod>

export const podColumns: readonly Column<StoredPod>[] = [
  nameColumn,
  textColumn('Ready', readiness),
  textColumn('Status', summary),
  textColumn('Restarts', restarts),
  ageColumn,
  wide(textColumn('IP', ({ status }) => status?.podIP || '<none>')),
  wide(textColumn('Node', ({ spec }) => spec?.nodeName || '<none>')),
  wide(textColumn('Nominated Node', ({ status }) => status?.nominatedNodeName || '<none>')),
  wide(textColumn('Readiness Gates', readinessGates)),
]

function statusesOf({ status }: StoredPod): ContainerStatus[] {
  return status?.containerStatuses ?? []
}

/** Sidecars count, as they serve. */
function readiness(pod: StoredPod): string {
  const sidecars = sidecarsOf(pod)
  const serving = [
    ...statusesOf(pod),
    ...(pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ]
  const ready = serving.filter(({ ready, state }) => ready && state?.running)
  return `${ready.length}/${(pod.spec?.containers.length ?? 0) + sidecars.size}`
}

function sidecarsOf({ spec }: StoredPod): ReadonlySet<string> {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return new Set(sidecars.map(({ name }) => name))
}

function restarts(pod: StoredPod, nowMs: number): string {
  const counted = [...statusesOf(pod), ...(pod.status?.initContainerStatuses ?? [])]
  const count = counted.reduce((sum, { restartCount }) => sum + restartCount, 0)
  const ends = counted.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? [])
  const last = ends.sort().at(-1)
  return count > 0 && last ? `${count} (${formatAge(last, nowMs)} ago)` : String(count)
}

/** What a pod is doing, in a word: what its containers wait for or ended with comes before its phase. */
function summary(pod: StoredPod): string {
  const { metadata, status } = pod
  const initialising = initialisation(pod)
  const word = initialising ?? containerSummary(pod)
  if (!metadata.deletionTimestamp) return word
  return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
}

function initialisation(pod: StoredPod): string | undefined {
  const { spec, status } = pod
  const statuses = status?.initContainerStatuses ?? []
  const sidecars = sidecarsOf(pod)
  const isDone = ({ name, started, state }: ContainerStatus) =>
    sidecars.has(name) ? started || status?.phase !== 'Pending' : state?.terminated?.exitCode === 0
  const index = statuses.findIndex((each) => !isDone(each))
  const current = statuses[index]
  if (!current) return undefined
  const { waiting, terminated } = current.state ?? {}
  if (terminated) return `Init:${terminated.reason || endOf(terminated)}`
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
  return `Init:${index}/${spec?.initContainers?.length ?? 0}`
}

function containerSummary(pod: StoredPod): string {
  const { status } = pod
  let word = status?.reason || status?.phase || 'Unknown'
  for (const { state } of statusesOf(pod).toReversed()) {
    if (state?.waiting?.reason) word = state.waiting.reason
    else if (state?.terminated) word = state.terminated.reason || endOf(state.terminated)
  }
  const running = statusesOf(pod).some(({ ready, state }) => ready && state?.running)
  if (word !== 'Completed' || !running) return word
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'True' ? 'Running' : 'NotReady'
}

function endOf({ signal, exitCode }: { signal?: number; exitCode: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function readinessGates({ spec, status }: StoredPod): string {
  const gates = spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const open = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status: value }) => type === conditionType && value === 'True'),
  )
  return `${open.length}/${gates.length}`
}

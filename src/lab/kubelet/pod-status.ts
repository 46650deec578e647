import type { ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import { apiTime } from '../time.ts'

/** What the kubelet knows of a pod. */
export interface PodFacts {
  pod: Pod
  /** What it wrote last. */
  previous: PodStatus
  podIP: string
  hostIP: string
  startTime: string
  initContainers: ContainerStatus[]
  containers: ContainerStatus[]
  /** The names of those init containers that run for as long as the pod does. */
  sidecars: ReadonlySet<string>
  now: number
}

type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/**
 * The status that the facts amount to: phase and conditions after the kubelet's rules. A condition keeps its
 * `lastTransitionTime` for as long as its status stays.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
export function podStatus(facts: PodFacts): PodStatus {
  const phase = podPhase(facts)
  const ready = containersReady(facts, phase)
  const conditions = [
    initialized(facts, phase),
    podReady(facts, ready),
    { ...ready, type: 'ContainersReady' },
    condition('PodScheduled', true),
  ]
  return {
    phase,
    conditions: conditions.map((current) => withTransitionTime(current, facts)),
    hostIP: facts.hostIP,
    podIP: facts.podIP,
    podIPs: [{ ip: facts.podIP }],
    startTime: facts.startTime,
    ...(facts.initContainers.length > 0 ? { initContainerStatuses: facts.initContainers } : {}),
    containerStatuses: facts.containers,
  }
}

function podPhase({ pod, initContainers: all, containers, sidecars }: PodFacts): PodPhase {
  const initContainers = all.filter(({ name }) => !sidecars.has(name))
  if (all.some(({ name, started }) => sidecars.has(name) && !started) && containers.every(isUnstarted)) return 'Pending'
  const policy = pod.spec?.restartPolicy ?? 'Always'
  if (policy === 'Never' && initContainers.some((status) => failedLast(status))) return 'Failed'
  if (initContainers.some((status) => status.state?.terminated?.exitCode !== 0)) return 'Pending'
  if (containers.some(({ state, lastState }) => !state?.running && !state?.terminated && !lastState?.terminated)) {
    return 'Pending'
  }
  if (containers.some(({ state }) => state?.running) || policy === 'Always') return 'Running'
  if (containers.every(({ state }) => state?.terminated?.exitCode === 0)) return 'Succeeded'
  return policy === 'Never' ? 'Failed' : 'Running'
}

/** It waits for the init containers. */
function isUnstarted({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting !== undefined && !lastState?.terminated
}

function failedLast({ state, lastState }: ContainerStatus): boolean {
  const terminated = state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined)
  return terminated !== undefined && terminated.exitCode !== 0
}

function initialized({ initContainers, containers, sidecars }: PodFacts, phase: PodPhase): PodCondition {
  if (phase === 'Succeeded') return condition('Initialized', true, 'PodCompleted')
  const isComplete = ({ name, ready, started }: ContainerStatus) =>
    sidecars.has(name) ? started || !containers.every(isUnstarted) : ready
  const incomplete = initContainers.filter((status) => !isComplete(status))
  if (incomplete.length === 0) return condition('Initialized', true)
  const message = `containers with incomplete status: [${names(incomplete)}]`
  return condition('Initialized', false, 'ContainersNotInitialized', message)
}

function containersReady({ initContainers, containers, sidecars }: PodFacts, phase: PodPhase): PodCondition {
  if (phase === 'Succeeded') return condition('Ready', false, 'PodCompleted')
  const serving = [...initContainers.filter(({ name }) => sidecars.has(name)), ...containers]
  const unready = serving.filter(({ ready }) => !ready)
  if (unready.length === 0) return condition('Ready', true)
  return condition('Ready', false, 'ContainersNotReady', `containers with unready status: [${names(unready)}]`)
}

/** A pod is ready when its containers are and every readiness gate of it, a condition that others set, is true. */
function podReady({ pod }: PodFacts, containers: PodCondition): PodCondition {
  if (containers.status !== 'True') return containers
  const closed = (pod.spec?.readinessGates ?? []).find(
    ({ conditionType }) =>
      !pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === 'True'),
  )
  if (!closed) return containers
  const message = `the status of pod readiness gate "${closed.conditionType}" is not "True"`
  return condition('Ready', false, 'ReadinessGatesNotReady', message)
}

function condition(type: string, status: boolean, reason?: string, message?: string): PodCondition {
  return { type, status: status ? 'True' : 'False', ...(reason ? { reason } : {}), ...(message ? { message } : {}) }
}

function withTransitionTime(current: PodCondition, { previous, now }: PodFacts): PodCondition {
  const before = previous.conditions?.find(({ type }) => type === current.type)
  const unchanged = before?.status === current.status ? before.lastTransitionTime : undefined
  return { ...current, lastTransitionTime: unchanged ?? apiTime(now) }
}

function names(statuses: readonly ContainerStatus[]): string {
  return statuses.map(({ name }) => name).join(' ')
}

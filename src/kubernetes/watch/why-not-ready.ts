import { events, pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { formatSelector } from '../api/names.ts'
import type { ContainerStatus, KubernetesEvent, ObjectReference, Pod } from '../api/resources.ts'
import { isReady } from './ready.ts'
import type { WorkloadKind } from './workload-kinds.ts'

/** It is for a message that is long already: no more pods than this, and no more time. */
const mostPods = 2
const lookMs = 2000

/**
 * Why pods of a workload are not ready, as they and their events say it, the newest first: ` Pod web-5d8f: container "web" waits,
 * ImagePullBackOff: …`. Empty where all are ready, and where it may not be looked at: it is a help for people, and nothing
 * depends on it.
 */
export async function whyNotReady(
  client: KubernetesClient,
  { resource }: WorkloadKind,
  reference: ObjectReference,
): Promise<string> {
  const { namespace } = reference
  const looking = client.lookingOnly(AbortSignal.any([client.signal, AbortSignal.timeout(lookMs)]))
  try {
    const { spec } = await looking.get(resource, reference)
    const { items } = await looking.list(pods, { namespace, labelSelector: formatSelector(spec.selector) })
    const late = items.filter((pod) => !isReady(pod) && pod.metadata.deletionTimestamp === undefined).sort(newestFirst)
    const told = late.slice(0, mostPods).map(async (pod) => {
      const fieldSelector = `involvedObject.name=${pod.metadata.name}`
      const happened = await looking.list(events, { namespace, fieldSelector }).catch(() => ({ items: [] }))
      return ` Pod ${pod.metadata.name}: ${whyNot(pod, happened.items)}.`
    })
    return (await Promise.all(told)).join('')
  } catch {
    return ''
  }
}

function newestFirst({ metadata: a }: Pod, { metadata: b }: Pod): number {
  return (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? '')
}

function whyNot({ status = {} }: Pod, happened: readonly KubernetesEvent[]): string {
  const { phase = 'Pending', conditions = [], containerStatuses = [] } = status
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const containers = containerStatuses.filter(({ ready }) => !ready).flatMap((each) => stateOf(each) ?? [])
  const warning = happened.filter(({ type }) => type === 'Warning').at(-1)?.message
  const reasons = unscheduled ? [unscheduled.message ?? 'no node takes it'] : containers
  return ([...reasons, ...(containers.length > 0 || !warning ? [] : [warning])].join('; ') || phase).replace(/\.$/, '')
}

/** What keeps a container from running; undefined when it runs, and only its probe says that it is not ready. */
function stateOf({ name, state = {}, lastState = {} }: ContainerStatus): string | undefined {
  const { waiting, terminated = lastState.terminated } = state
  const ended = terminated ? [`ended with exit code ${terminated.exitCode}`] : []
  const waits = waiting?.reason
    ? [`waits, ${[waiting.reason, ...(waiting.message ? [waiting.message] : [])].join(': ')}`]
    : []
  const words = [...waits, ...ended].join('; it ')
  return words === '' ? undefined : `container "${name}" ${words}`
}

import type { Binding, Pod } from 'kubernetes-types/core/v1.d.ts'
import { keyOf, nodes, pods, type Stored } from '../../client/index.ts'
import { apiTime } from '../../time.ts'
import type { ControllerContext } from '../context.ts'
import { isActive } from '../objects.ts'
import { chooseNode } from './choose.ts'

/** Gives each new pod a node. */
export function startScheduler(context: ControllerContext): void {
  const { client, clock } = context
  const podStore = context.informer(pods)
  const nodeStore = context.informer(nodes)
  const recorder = context.recorder('default-scheduler')
  /** The nodes of pods whose binding the store has not yet seen, by their uid. */
  const bound = new Map<string, string>()
  const queue = context.queue(sync)

  podStore.onChange((old, current) => {
    if (current && isWaiting(current)) queue.add(keyOf(current))
    if (old && (!current || current.spec?.nodeName)) bound.delete(old.metadata.uid)
    if (!current) enqueueWaiting()
  })
  nodeStore.onChange(enqueueWaiting)

  function enqueueWaiting(): void {
    for (const pod of podStore.list()) if (isWaiting(pod)) queue.add(keyOf(pod))
  }

  function isWaiting(pod: Stored<Pod>): boolean {
    const isOurs = (pod.spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler'
    return isOurs && !pod.spec?.nodeName && isActive(pod) && !bound.has(pod.metadata.uid)
  }

  async function sync(key: string): Promise<void> {
    const pod = podStore.get(key)
    if (!pod || !isWaiting(pod)) return
    const choice = chooseNode(pod, nodeStore.list(), podsOn)
    if ('refusal' in choice) await noteRefusal(pod, choice.refusal)
    else await bind(pod, choice.node)
  }

  function podsOn(node: string): number {
    const seen = podStore.list().filter((pod) => pod.spec?.nodeName === node && isActive(pod)).length
    return seen + [...bound.values()].filter((name) => name === node).length
  }

  async function bind(pod: Stored<Pod>, node: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, ...(namespace ? { namespace } : {}), uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    }
    bound.set(uid, node)
    try {
      await client.createPart(pods, pod.metadata, 'binding', binding)
    } catch (error) {
      bound.delete(uid)
      if (podStore.get(keyOf(pod))) throw error
      return
    }
    recorder.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${node}`)
  }

  async function noteRefusal(pod: Stored<Pod>, message: string): Promise<void> {
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (known?.status === 'False' && known.message === message) return
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: apiTime(clock.now()),
    }
    await client.patch(pods, pod.metadata, { status: { conditions: [condition] } }, { subresource: 'status' })
    recorder.record(pod, 'Warning', 'FailedScheduling', message)
  }
}

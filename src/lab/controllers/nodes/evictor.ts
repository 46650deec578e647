import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { isNotFound, keyOf, nodes, pods, type RemoveOptions, type Stored } from '../../client/index.ts'
import { orphanedPodGraceMs } from '../constants.ts'
import type { ControllerContext } from '../context.ts'
import { isBeingDeleted } from '../objects.ts'
import { evictionTime } from './decide.ts'

/**
 * Takes pods from nodes where they must not stay: those that do not tolerate a taint, or no longer; and, for good, those
 * of nodes that are gone. A pod of a node that is only lost stays, being deleted, until its node says that it has ended.
 */
export function startPodEvictor(context: ControllerContext): void {
  const { client, clock } = context
  const nodeStore = context.informer(nodes)
  const podStore = context.informer(pods)
  const recorder = context.recorder('taint-eviction-controller')
  /** Since when each node has what drives pods away, or is gone. */
  const since = new Map<string, number>()
  const queue = context.queue(sync)

  nodeStore.onChange((old, current) => {
    const name = (current ?? old)?.metadata.name ?? ''
    const expels = !current || (current.spec?.taints ?? []).some(({ effect }) => effect === 'NoExecute')
    if (!expels) since.delete(name)
    else if (!since.has(name) || !old || !current) since.set(name, clock.now())
    for (const pod of podStore.list()) if (pod.spec?.nodeName === name) queue.add(keyOf(pod))
  })
  podStore.onChange((old, current) => {
    if (current?.spec?.nodeName && !old?.spec?.nodeName) queue.add(keyOf(current))
  })

  async function sync(key: string): Promise<void> {
    const pod = podStore.get(key)
    const nodeName = pod?.spec?.nodeName
    if (!pod || !nodeName) return
    const node = nodeStore.get(nodeName)
    if (!node && !since.has(nodeName)) since.set(nodeName, clock.now())
    const noticedAt = since.get(nodeName) ?? clock.now()
    if (!node) return await at(key, noticedAt + orphanedPodGraceMs, () => remove(pod, { gracePeriodSeconds: 0 }))
    if (isBeingDeleted(pod)) return
    const time = evictionTime(pod, node.spec?.taints ?? [], noticedAt)
    if (time === undefined) return
    await at(key, time, async () => {
      recorder.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
      await remove(pod, {})
    })
  }

  /** Acts when it is time, and looks again then when it is not. */
  async function at(key: string, time: number, act: () => Promise<void>): Promise<void> {
    const leftMs = time - clock.now()
    if (leftMs > 0) queue.after(key, leftMs)
    else await act()
  }

  async function remove(pod: Stored<Pod>, options: RemoveOptions): Promise<void> {
    try {
      await client.remove(pods, pod.metadata, { ...options, preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

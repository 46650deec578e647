import { isDeepStrictEqual } from 'node:util'
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { isNotFound, keyOf, leases, nodes, pods, type Stored } from '../../client/index.ts'
import { apiTime } from '../../time.ts'
import type { ControllerContext } from '../context.ts'
import { readySince } from '../objects.ts'
import { taintsOf, unknownConditions } from './decide.ts'

const leaseNamespace = 'kube-node-lease'

/**
 * The life of nodes: one that is silent for too long is held for lost, and its pods for not ready; what has become of a
 * node shows in its taints.
 */
export function startNodeController(context: ControllerContext): void {
  const { client, clock, nodeGraceMs } = context
  const nodeStore = context.informer(nodes)
  const leaseStore = context.informer(leases)
  const podStore = context.informer(pods)
  const recorder = context.recorder('node-controller')
  /** When each node was heard last, by our own clock. */
  const heard = new Map<string, number>()
  const queue = context.queue(sync)

  nodeStore.onChange((old, current) => {
    const node = current ?? old
    if (!node) return
    if (!current) heard.delete(keyOf(node))
    else if (!old || heartbeatOf(old) !== heartbeatOf(current)) heard.set(keyOf(node), clock.now())
    queue.add(keyOf(node))
  })
  leaseStore.onChange((old, current) => {
    const { namespace, name } = current?.metadata ?? {}
    if (namespace !== leaseNamespace || name === undefined) return
    if (old?.spec?.renewTime !== current?.spec?.renewTime) heard.set(name, clock.now())
  })

  async function sync(name: string): Promise<void> {
    const node = nodeStore.get(name)
    if (!node) return
    const now = clock.now()
    const silentMs = now - (heard.get(name) ?? now)
    if (silentMs >= nodeGraceMs) return await declareLost(node, now)
    queue.after(name, nodeGraceMs - silentMs)
    await writeTaints(node, now)
  }

  /** What this writes calls for another sync, which sees to the taints. */
  async function declareLost(node: Stored<Node>, now: number): Promise<void> {
    const conditions = unknownConditions(node, now)
    if (!conditions) return await writeTaints(node, now)
    await client.patch(nodes, node.metadata, { status: { conditions } }, { subresource: 'status' })
    recorder.record(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`)
    const own = podStore.list().filter(({ spec }) => spec?.nodeName === node.metadata.name)
    await Promise.all(own.map((pod) => declareNotReady(pod, now)))
  }

  async function declareNotReady(pod: Stored<Pod>, now: number): Promise<void> {
    if (readySince(pod) === undefined) return
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: apiTime(now) }
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
    try {
      await client.patch(pods, pod.metadata, patch, { subresource: 'status' })
      recorder.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function writeTaints(node: Stored<Node>, now: number): Promise<void> {
    const taints = taintsOf(node, now)
    if (isDeepStrictEqual(taints, node.spec?.taints ?? [])) return
    await client.replace(nodes, { ...node, spec: { ...node.spec, taints } })
  }
}

function heartbeatOf({ status }: Node): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime
}

import { availableParallelism, release, totalmem } from 'node:os'
import type { Node, NodeCondition, NodeStatus } from 'kubernetes-types/core/v1.d.ts'
import { isAlreadyExists, isNotFound, leases, nodes } from '../client/index.ts'
import { apiTime } from '../time.ts'
import type { NodeContext } from './context.ts'
import { stoodStill } from './lag.ts'

/** How many pods a node takes: as many as its range has addresses. */
const maxPods = 253

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' }
const architecture = architectures[process.arch] ?? process.arch

/** Makes the node known to the API server, ready; one of its name that is there already becomes it. */
export async function registerNode(context: NodeContext, podRange: string): Promise<void> {
  const { client, nodeName: name } = context
  const object: Node = {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
      },
    },
    spec: { podCIDR: `${podRange}.0/24`, podCIDRs: [`${podRange}.0/24`] },
  }
  try {
    await client.create(nodes, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
  await Promise.all([reportNode(context), renewLease(context)])
}

const leaseNamespace = 'kube-node-lease'
const leaseSeconds = 40

/** Says that the node is alive, in few words: by its lease. */
export async function renewLease({ client, clock, nodeName: name }: NodeContext): Promise<void> {
  const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime }
  try {
    await client.patch(leases, { namespace: leaseNamespace, name }, { spec }, { type: 'merge' })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await client.create(leases, { metadata: { namespace: leaseNamespace, name }, spec })
  }
}

/** Says that the node is alive, and what it is. */
export async function reportNode(context: NodeContext): Promise<void> {
  const { client, clock, nodeName, nodeIP, logPort } = context
  const present = (await client.get(nodes, { name: nodeName })).status?.conditions
  const conditions = nodeConditions(present ?? [], responsiveness(context), apiTime(clock.now()))
  const status: NodeStatus = {
    addresses: [
      { type: 'InternalIP', address: nodeIP },
      { type: 'Hostname', address: nodeName },
    ],
    capacity: nodeCapacity(),
    allocatable: nodeCapacity(),
    conditions,
    daemonEndpoints: { kubeletEndpoint: { Port: logPort } },
    nodeInfo: {
      architecture,
      bootID: '',
      containerRuntimeVersion: 'lab://processes',
      kernelVersion: release(),
      kubeProxyVersion: 'lab',
      kubeletVersion: 'lab',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'processes of this machine, no containers',
      systemUUID: '',
    },
  }
  await client.patch(nodes, { name: nodeName }, { status }, { subresource: 'status' })
}

/** From when on it is to be seen that the lab, on a busy machine, is late with all that it does. */
const unresponsiveMs = 500

/** Not of Kubernetes: whether the lab's own process could run when it wanted to, since it last said so. */
function responsiveness({ lag, timings }: NodeContext): ReportedCondition {
  const worstMs = lag.worstSince(performance.now() - timings.nodeStatusMs)
  return {
    type: 'LabResponsive',
    status: worstMs < unresponsiveMs ? 'True' : 'False',
    reason: worstMs < unresponsiveMs ? 'EventLoopServed' : 'EventLoopLag',
    message: `the lab ${stoodStill(worstMs)} at most in the last ${timings.nodeStatusMs / 1000} s`,
  }
}

type ReportedCondition = Pick<NodeCondition, 'message' | 'reason' | 'status' | 'type'>

function nodeConditions(
  present: readonly NodeCondition[],
  responsive: ReportedCondition,
  now: string,
): NodeCondition[] {
  const wanted: ReportedCondition[] = [
    responsive,
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the lab starts pods as processes' },
  ]
  return wanted.map((condition) => {
    const before = present.find(({ type }) => type === condition.type)
    const unchanged = before?.status === condition.status ? before.lastTransitionTime : undefined
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: unchanged ?? now }
  })
}

/** What a node has, for all its pods: what the machine has. */
export function nodeCapacity(): Record<string, string> {
  return {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(maxPods),
  }
}

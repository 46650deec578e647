import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { within } from '../support/deadline.ts'
import { ChaosError } from '../support/errors.ts'
import { readKubeconfig } from './apiserver/kubeconfig.ts'
import { ApiClient, deployments, nodes, pods, type Stored } from './client/index.ts'

/** What runs in a lab. */
export interface LabOverview {
  nodes: NodeOverview[]
  deployments: DeploymentOverview[]
  pods: PodOverview[]
}

export interface NodeOverview {
  name: string
  /** `lost`: it is silent. */
  state: 'ready' | 'cordoned' | 'lost'
  pods: number
}

export interface DeploymentOverview {
  namespace: string
  name: string
  desired: number
  ready: number
  images: string[]
}

export interface PodOverview {
  namespace: string
  name: string
  /** Its phase, or what keeps it from running, as `kubectl get pods` shows it: `Running`, `CrashLoopBackOff`. */
  phase: string
  ready: boolean
  restarts: number
}

const limitMs = 5_000

/**
 * Asks a lab for its nodes, and for its deployments and pods of all namespaces.
 *
 * @param kubeconfig the path of the lab's kubeconfig
 * @throws CHAOS_LAB_SILENT when it does not answer in time
 */
export async function labOverview(kubeconfig: string): Promise<LabOverview> {
  const client = new ApiClient(readKubeconfig(kubeconfig))
  const silent = () =>
    new ChaosError('CHAOS_LAB_SILENT', `The lab did not answer within ${limitMs / 1000} s. End it with "lab down".`)
  try {
    const [nodeList, deploymentList, podList] = await within(limitMs, silent, () =>
      Promise.all([client.list(nodes), client.list(deployments), client.list(pods)]),
    )
    return {
      nodes: nodeList.items.map((node) => nodeOverview(node, podList.items)),
      deployments: deploymentList.items.map(deploymentOverview),
      pods: podList.items.map(podOverview),
    }
  } finally {
    await client.close()
  }
}

function nodeOverview({ metadata: { name }, spec, status }: Stored<Node>, all: readonly Pod[]): NodeOverview {
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  const state = !isReady ? 'lost' : spec?.unschedulable ? 'cordoned' : 'ready'
  return { name, state, pods: all.filter((pod) => pod.spec?.nodeName === name).length }
}

function deploymentOverview({ metadata, spec, status }: Stored<Deployment>): DeploymentOverview {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    desired: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    images: (spec?.template.spec?.containers ?? []).map(({ image = '' }) => image),
  }
}

function podOverview({ metadata, status = {} }: Stored<Pod>): PodOverview {
  const { phase = 'Pending', containerStatuses = [], conditions = [] } = status
  const waiting = containerStatuses.find(({ state }) => state?.waiting)?.state?.waiting?.reason
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    phase: metadata.deletionTimestamp ? 'Terminating' : (waiting ?? phase),
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
  }
}

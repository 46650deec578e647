import { currentSession } from '../../session/session.ts'
import { ChaosError } from '../../support/errors.ts'
import { type DrainOptions, drainNode } from '../actions/drain.ts'
import { changeFields } from '../actions/field-action.ts'
import { requireLab } from '../actions/lab-faults.ts'
import { cutOff, powerOff } from '../actions/node-faults.ts'
import { partition } from '../actions/pod-faults.ts'
import type { NamedPodSet, PodGroup } from '../actions/pod-group.ts'
import { nodes } from '../api/api-resources.ts'
import { type CallSpan, call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { checkName } from '../api/names.ts'
import type { Condition, Node } from '../api/resources.ts'
import type { Impact } from '../changes/impact.ts'

/** How a node is. */
export interface NodeStatusView {
  name: string
  ready: boolean
  /** Whether new pods may be put on it. */
  schedulable: boolean
  zone?: string
  conditions: Condition[]
}

/**
 * A node of the target's cluster. Its actions concern the whole cluster, and every one of its users.
 *
 * Every method throws `CHAOS_NO_SUCH_NODE` when there is none.
 */
export class NodeHandle implements PodGroup {
  readonly name: string

  constructor(name: string) {
    this.name = checkName('node', name)
  }

  /** How it is now. */
  async status(): Promise<NodeStatusView> {
    return await this.#call('node status', async (client) => viewOf((await this.#read(client, 'status')).node))
  }

  /** Keeps new pods away. Those that it has stay. It is undone as it was. */
  async cordon(): Promise<void> {
    await this.#call('cordon', async (client) => this.#setUnschedulable(client, 'cordon', true))
  }

  /** Lets new pods come. It is undone as it was. */
  async uncordon(): Promise<void> {
    await this.#call('uncordon', async (client) => this.#setUnschedulable(client, 'uncordon', false))
  }

  /**
   * Cordons it and evicts the pods of a namespace that it has, as `kubectl drain` does it, but for those of daemon sets.
   * Pods of other namespaces stay. The rollback uncordons it, and waits until the pods are replaced.
   *
   * @returns the names of the pods
   * @throws CHAOS_EVICTION_BLOCKED when a PodDisruptionBudget forbids it until the end of `within`
   * @throws CHAOS_POD_NOT_REPLACED, CHAOS_POD_HAS_DATA
   *
   * @example
   * await kubernetes.node('worker-2').drain({ within: '2m' })
   */
  async drain(options: DrainOptions = {}): Promise<string[]> {
    return await this.#call('drain', async (client) => {
      const { node, impact } = await this.#read(client, 'drain')
      const cordon = (writer: KubernetesClient) => this.#setUnschedulable(writer, 'cordon', true)
      return await drainNode(client, { node, impact, options, cordon })
    })
  }

  /**
   * Has it die: its kubelet is silent, and the processes of its pods are killed. What Kubernetes does about it takes its
   * times (`nodeLostAfter` and `podsEvictedAfter` of the lab). The rollback starts it again, and waits for its pods. Only in
   * a lab.
   *
   * @throws CHAOS_LAB_ONLY on a cluster
   */
  async powerOff(): Promise<void> {
    await this.#call('power off', async (client) => {
      await requireLab(client, 'powerOff')
      const { impact } = await this.#read(client, 'powerOff')
      await powerOff(client, this.name, impact)
    })
  }

  /**
   * Has its kubelet reach the API server no more, while its pods run on and are reached: after `nodeLostAfter` of the lab
   * it is held for lost. Only in a lab.
   */
  async cutOff(): Promise<void> {
    await this.#call('cut off', async (client) => {
      await requireLab(client, 'cutOff')
      const { impact } = await this.#read(client, 'cutOff')
      await cutOff(client, this.name, impact)
    })
  }

  /**
   * Cuts the pods that run on it off from others, in both directions, as far as they call each other by services: nothing
   * arrives any more. Only in a lab.
   *
   * @example
   * await kubernetes.node('lab-node-1').partition({ from: kubernetes.node('lab-node-2') })
   */
  async partition({ from }: { from: PodGroup }): Promise<void> {
    await this.#call('partition', async (client) => {
      await requireLab(client, 'partition')
      const { impact } = await this.#read(client, 'partition')
      const group = await this.podSet()
      await partition(client, { group, names: [], impact }, await from.podSet(client, 'partition'))
    })
  }

  /** @internal */
  async podSet(): Promise<NamedPodSet> {
    return { set: { node: this.name }, description: `the pods of node/${this.name}` }
  }

  async #setUnschedulable(
    client: KubernetesClient,
    verb: 'cordon' | 'uncordon',
    unschedulable: boolean,
  ): Promise<void> {
    const { node, impact } = await this.#read(client, verb)
    const before = node.spec?.unschedulable
    if ((before ?? false) === unschedulable) {
      const message = `${verb}: node/${this.name} is ${verb}ed already, so nothing was done.`
      currentSession().record({ type: 'notice', message })
      return
    }
    await changeFields(client, {
      title: `${verb} node/${this.name}`,
      what: unschedulable ? 'schedulability (uncordoned)' : 'the cordon',
      resource: nodes,
      read: node,
      changes: [{ path: '/spec/unschedulable', ...(before === undefined ? {} : { before }), after: unschedulable }],
      impact: unschedulable ? impact : { objects: impact.objects },
    })
  }

  /** The node, and what taking it away would hit. */
  async #read(client: KubernetesClient, tried: string): Promise<{ node: Node; impact: Impact }> {
    const { items } = await client.list(nodes)
    const node = items.find(({ metadata }) => metadata.name === this.name)
    if (!node) {
      const names = items.map(({ metadata }) => metadata.name).join(', ')
      throw new ChaosError('CHAOS_NO_SUCH_NODE', `${tried}: there is no node "${this.name}". There are: ${names}.`)
    }
    const share = { hit: 1, of: items.length, among: 'the nodes', names: [this.name] }
    return { node, impact: { objects: [{ kind: 'node', name: this.name }], nodes: share } }
  }

  async #call<T>(name: string, work: (client: KubernetesClient, span: CallSpan) => Promise<T>): Promise<T> {
    return await call(name, { 'k8s.node.name': this.name }, work)
  }
}

/** How the nodes of the cluster are. */
export async function readNodes(): Promise<NodeStatusView[]> {
  return await call('nodes', {}, async (client) => (await client.list(nodes)).items.map(viewOf))
}

function viewOf({ metadata: { name, labels = {} }, spec, status }: Node): NodeStatusView {
  const conditions = status?.conditions ?? []
  const zone = labels['topology.kubernetes.io/zone']
  return {
    name,
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    schedulable: !spec?.unschedulable,
    ...(zone === undefined ? {} : { zone }),
    conditions,
  }
}

/** In which zone each node is that says so. */
export async function zonesOf(client: KubernetesClient): Promise<Map<string, string>> {
  const { items } = await client.list(nodes)
  return new Map(
    items.flatMap(({ metadata: { name, labels = {} } }): Array<[string, string]> => {
      const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone']
      return zone === undefined ? [] : [[name, zone]]
    }),
  )
}

import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { type ApiClient, Informer, leases, nodes, pods, type Stored } from '../../../src/lab/client/index.ts'
import { apiTime } from '../../../src/lab/time.ts'

export interface ScriptedKubeletOptions {
  nodeName: string
  /** Of its node, beside the name of the host. */
  labels?: Readonly<Record<string, string>>
  /** Whether a pod becomes ready, by its image (all do). */
  becomesReady?: (image: string) => boolean
  /** How long a pod runs before it is ready, in milliseconds (0). */
  readyAfterMs?: number
  /** Calls what makes a pod ready, when it is its turn (when it has run for that long). */
  inTurn?: (act: () => Promise<void>) => Promise<void>
  /** Whether pods that are deleted end in turn, too (at once). */
  endsInTurn?: boolean
  /** How many pods its node takes (110). */
  mostPods?: number
}

const heartbeatMs = 3_000
const leaseNamespace = 'kube-node-lease'

export function nodeOf(name: string, labels: Readonly<Record<string, string>> = {}): Node {
  return { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } }
}

/** A node without processes: it says of its pods what a kubelet would say. */
export class ScriptedKubelet {
  readonly #client: ApiClient
  readonly #options: ScriptedKubeletOptions
  readonly #informer: Informer<Pod>
  readonly #seen = new Set<string>()
  readonly #ending = new AbortController()
  #heartbeat: NodeJS.Timeout | undefined
  #addresses = 1
  #isSilent = false

  constructor(client: ApiClient, options: ScriptedKubeletOptions) {
    this.#client = client
    this.#options = options
    this.#informer = new Informer(client, pods, { fieldSelector: `spec.nodeName=${options.nodeName}` })
    this.#informer.onChange((_, pod) => {
      if (pod) this.#attend(pod).catch(() => {})
    })
  }

  async start(): Promise<void> {
    const { nodeName, labels } = this.#options
    await this.#client.create(nodes, nodeOf(nodeName, labels))
    await this.#client.create(leases, this.#lease())
    await this.#reportNode()
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    this.#informer.start()
    await this.#informer.synced
  }

  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    this.#ending.abort()
    await this.#informer.stop()
  }

  /** Nothing is heard of it any more, as if its machine had lost its power. */
  goSilent(): void {
    this.#isSilent = true
  }

  /** It is there again, and does what it was asked meanwhile. */
  async comeBack(): Promise<void> {
    this.#isSilent = false
    await this.#reportNode()
    this.#beat()
    for (const pod of this.#informer.list()) await this.#attend(pod)
  }

  #lease(): Lease {
    const { nodeName } = this.#options
    const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: 40, renewTime }
    return { metadata: { name: nodeName, namespace: leaseNamespace }, spec }
  }

  #beat(): void {
    if (this.#isSilent) return
    const { metadata, spec } = this.#lease()
    const name = { namespace: leaseNamespace, name: metadata?.name ?? '' }
    this.#client.patch(leases, name, { spec }, { type: 'merge' }).catch(() => {})
  }

  async #reportNode(): Promise<void> {
    const { nodeName, mostPods = 110 } = this.#options
    const time = apiTime(Date.now())
    const told = { reason: 'KubeletReady', message: '', lastHeartbeatTime: time, lastTransitionTime: time }
    const room = { pods: String(mostPods) }
    const status = { conditions: [{ type: 'Ready', status: 'True', ...told }], allocatable: room, capacity: room }
    await this.#client.patch(nodes, { name: nodeName }, { status }, { subresource: 'status' })
  }

  async #attend(pod: Stored<Pod>): Promise<void> {
    if (this.#isSilent) return
    const { inTurn = (act) => this.#earlyInSecond().then(act), endsInTurn = false } = this.#options
    if (pod.metadata.deletionTimestamp) {
      if (endsInTurn) await inTurn(() => this.#end(pod))
      else await this.#end(pod)
      return
    }
    if (this.#seen.has(pod.metadata.uid)) return
    this.#seen.add(pod.metadata.uid)
    this.#addresses += 1
    const podIP = `198.18.64.${this.#addresses}`
    await this.#report(pod, podIP, false)
    const { becomesReady = () => true } = this.#options
    if (becomesReady(pod.spec?.containers[0]?.image ?? '')) await inTurn(() => this.#becomeReady(pod, podIP))
  }

  async #end({ metadata }: Stored<Pod>): Promise<void> {
    await this.#client.remove(pods, metadata, { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } })
  }

  async #becomeReady(pod: Stored<Pod>, podIP: string): Promise<void> {
    if (!this.#ending.signal.aborted && this.#isWanted(pod)) await this.#report(pod, podIP, true)
  }

  /** One that is deleted before it is ready never is. */
  #isWanted({ metadata }: Stored<Pod>): boolean {
    const current = this.#informer.get(`${metadata.namespace}/${metadata.name}`)
    return current?.metadata.uid === metadata.uid && current.metadata.deletionTimestamp === undefined
  }

  /** Times of the API are whole seconds: late in one, a pod would seem to have been ready for longer than it was. */
  async #earlyInSecond(): Promise<void> {
    const milliseconds = this.#options.readyAfterMs ?? 0
    const late = (Date.now() + milliseconds) % 1000
    await new Promise((resolve) => setTimeout(resolve, milliseconds + (late > 500 ? 1000 - late : 0)))
  }

  async #report(pod: Stored<Pod>, podIP: string, isReady: boolean): Promise<void> {
    const lastTransitionTime = apiTime(Date.now())
    const conditions = ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: isReady || type === 'Initialized' ? 'True' : 'False',
      lastTransitionTime,
    }))
    const status = { phase: 'Running', podIP, conditions }
    await this.#client.patch(pods, pod.metadata, { status }, { subresource: 'status' })
  }
}

import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { type ApiServer, startApiServer } from '../../../src/lab/apiserver/server.ts'
import { ApiClient, deployments, Informer, nodes, pods, type Stored } from '../../../src/lab/client/index.ts'
import { type Controllers, startControllers } from '../../../src/lab/controllers/index.ts'
import { apiTime } from '../../../src/lab/time.ts'

export interface TestClusterOptions {
  /** Whether a pod becomes ready, by its image (all do). */
  becomesReady?: (image: string) => boolean
  /** How long a pod runs before it is ready, in milliseconds (0). */
  readyAfterMs?: number
}

/** The lab's API server and controllers, with a kubelet that only says what a kubelet would say. */
export interface TestCluster {
  client: ApiClient
  stop(): Promise<void>
}

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const server: ApiServer = await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67' })
  const client = new ApiClient(server.access)
  const kubelet = new ScriptedKubelet(client, options)
  const errors: unknown[] = []
  const controllers: Controllers = await startControllers(server.access, { onError: (_, error) => errors.push(error) })
  await kubelet.start()
  return {
    client,
    async stop() {
      await kubelet.stop()
      await controllers.stop()
      client.close()
      await server.close()
    },
  }
}

export function nodeOf(name: string): Node {
  return { metadata: { name, labels: { 'kubernetes.io/hostname': name } } }
}

const ready: NonNullable<Node['status']> = {
  conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
  allocatable: { pods: '110' },
}

class ScriptedKubelet {
  readonly #client: ApiClient
  readonly #options: TestClusterOptions
  readonly #informer: Informer<Pod>
  readonly #seen = new Set<string>()
  readonly #ending = new AbortController()
  #addresses = 1

  constructor(client: ApiClient, options: TestClusterOptions) {
    this.#client = client
    this.#options = options
    this.#informer = new Informer(client, pods, { fieldSelector: 'spec.nodeName=node-1' })
    this.#informer.onChange((_, pod) => {
      if (pod) this.#attend(pod).catch(() => {})
    })
  }

  async start(): Promise<void> {
    const node = await this.#client.create(nodes, nodeOf('node-1'))
    await this.#client.replace(nodes, { ...node, status: ready }, 'status')
    this.#informer.start()
    await this.#informer.synced
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#informer.stop()
  }

  async #attend(pod: Stored<Pod>): Promise<void> {
    if (pod.metadata.deletionTimestamp) {
      const preconditions = { uid: pod.metadata.uid }
      await this.#client.remove(pods, pod.metadata, { gracePeriodSeconds: 0, preconditions })
      return
    }
    if (this.#seen.has(pod.metadata.uid)) return
    this.#seen.add(pod.metadata.uid)
    this.#addresses += 1
    const podIP = `198.18.64.${this.#addresses}`
    await this.#report(pod, podIP, false)
    const { becomesReady = () => true, readyAfterMs = 0 } = this.#options
    if (!becomesReady(pod.spec?.containers[0]?.image ?? '')) return
    await this.#earlyInSecond(readyAfterMs)
    if (!this.#ending.signal.aborted) await this.#report(pod, podIP, true)
  }

  /** Times of the API are whole seconds: late in one, a pod would seem to have been ready for longer than it was. */
  async #earlyInSecond(milliseconds: number): Promise<void> {
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

export interface WebOptions {
  namespace?: string
  replicas?: number
  image?: string
  spec?: Partial<NonNullable<Deployment['spec']>>
}

/** A deployment of one container. */
export function web(
  name: string,
  { namespace = 'default', replicas = 1, image = 'web:v1', spec }: WebOptions = {},
): Deployment {
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
      ...spec,
    },
  }
}

/** Sets the image of the container of a deployment made by `web()`. */
export async function setImage(client: ApiClient, name: string, image: string): Promise<void> {
  const spec = { template: { spec: { containers: [{ name: 'web', image }] } } }
  await client.patch(deployments, { namespace: 'default', name }, { spec })
}

/** Resolves with what `probe` gives once that is something; rejects after 10 s. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what}: not so after 10 s`)
}

/** Resolves when all pods of the deployment are of its template and available. */
export function complete(client: ApiClient, name: string, namespace = 'default'): Promise<Stored<Deployment>> {
  return eventually(`deployment ${name} is complete`, async () => {
    const deployment = await client.get(deployments, { namespace, name })
    const { spec, status = {}, metadata } = deployment
    const counts = [status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0]
    const isObserved = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
    return isObserved && counts.every((count) => count === spec?.replicas) && deployment
  })
}

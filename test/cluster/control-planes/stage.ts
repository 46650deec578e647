import { randomUUID } from 'node:crypto'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import {
  type ApiClient,
  deployments,
  isNotFound,
  type KubernetesObject,
  namespaces,
  nodes,
  pods,
  type RemoveOptions,
  type Resource,
  replicaSets,
  type Stored,
  services,
} from '../../../src/lab/client/index.ts'
import { isGone } from '../../lab/controllers/cluster.ts'
import { ScriptedKubelet, type ScriptedKubeletOptions } from '../../lab/controllers/scripted-kubelet.ts'
import { Observer, type RestingStates } from './observer.ts'
import { serviceAccounts } from './service-accounts.ts'

/** How long anything may take. Real controllers wait for their caches, and between two tries. */
const timeoutMs = 120_000
const lookMs = 100

/** The image whose pods never become ready. */
export const brokenImage = 'web:broken'

const labels = { app: 'web' }

type DeploymentSpec = NonNullable<Deployment['spec']>

/** What a scene plays on: a namespace of its own, with nodes of its own, whose kubelets follow the script. */
export class Stage {
  readonly client: ApiClient
  readonly namespace = `scene-${randomUUID().slice(0, 8)}`
  readonly #kubelets: ScriptedKubelet[] = []
  readonly #nodeNames: string[] = []
  readonly #observer: Observer
  #lastTurn: Promise<void> = Promise.resolve()
  #hasEnded = false

  constructor(client: ApiClient) {
    this.client = client
    this.#observer = new Observer(client, this.namespace)
  }

  /** Without a controller for that, nobody else creates the service account which a pod must have. */
  async begin(): Promise<void> {
    await this.client.create(namespaces, { metadata: { name: this.namespace } })
    await this.client.create(serviceAccounts, { metadata: { name: 'default', namespace: this.namespace } })
    await this.#observer.start()
  }

  /** The states that were seen, up to the present one. */
  async observed(): Promise<RestingStates> {
    await this.#observer.rest()
    return this.#observer.stop()
  }

  /** Its namespace goes, with all that is in it, before its nodes do. */
  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#observer.stop()
    await this.client.remove(namespaces, { name: this.namespace }).catch(unlessGone)
    await this.until('the namespace is gone', () => isGone(this.client.get(namespaces, { name: this.namespace })))
    for (const kubelet of this.#kubelets) await kubelet.stop()
    for (const name of this.#nodeNames) await this.client.remove(nodes, { name })
  }

  /** Adds a node for the pods of this stage. Its name ends as given. */
  async addNode(name = 'a', options: Partial<ScriptedKubeletOptions> = {}): Promise<ScriptedKubelet> {
    const nodeName = `${this.namespace}-${name}`
    const kubelet = new ScriptedKubelet(this.client, {
      nodeName,
      becomesReady: (image) => image !== brokenImage,
      inTurn: (act) => this.#inTurn(act),
      ...options,
      labels: { stage: this.namespace, ...options.labels },
    })
    this.#kubelets.push(kubelet)
    this.#nodeNames.push(nodeName)
    await kubelet.start()
    await this.until('the node takes pods', async () => (await this.taintsOf(name)).length === 0)
    return kubelet
  }

  /** Adds the service `web`, and the deployment behind it. Resolves when it is complete. */
  async deploy(spec: Partial<DeploymentSpec> = {}): Promise<void> {
    const ports = [{ port: 80, targetPort: 8000 }]
    await this.client.create(services, { metadata: this.#named('web'), spec: { selector: labels, ports } })
    await this.createDeployment(spec)
  }

  async createDeployment(spec: Partial<DeploymentSpec> = {}): Promise<void> {
    const { replicas = 1, ...rest } = spec
    const template = { metadata: { labels }, spec: this.podSpec() }
    const web: Deployment = {
      metadata: this.#named('web'),
      spec: { replicas, selector: { matchLabels: labels }, template, ...rest },
    }
    await this.client.create(deployments, web)
    await this.complete()
  }

  podSpec(spec: Partial<PodSpec> = {}): PodSpec {
    return {
      nodeSelector: { stage: this.namespace },
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'web', image: 'web:v1' }],
      ...spec,
    }
  }

  createPod(name: string, spec: Partial<PodSpec> = {}): Promise<Stored<Pod>> {
    return this.client.create(pods, { metadata: { ...this.#named(name), labels }, spec: this.podSpec(spec) })
  }

  /** Patches the deployment's specification. */
  async change(spec: Partial<DeploymentSpec>): Promise<void> {
    await this.client.patch(deployments, this.#named('web'), { spec })
  }

  async setImage(image: string): Promise<void> {
    const spec = { template: { spec: { containers: [{ name: 'web', image }] } } }
    await this.client.patch(deployments, this.#named('web'), { spec })
  }

  /** Rolls a change out: resolves when the deployment is complete. */
  async roll(change: Partial<DeploymentSpec> | string): Promise<void> {
    await (typeof change === 'string' ? this.setImage(change) : this.change(change))
    await this.complete()
  }

  /** Resolves when all pods of the deployment are of its template and available, and no others are there. */
  complete(): Promise<void> {
    return this.deploymentIs('complete', ({ spec, status = {} }) => {
      const counts = [status.replicas, status.updatedReplicas, status.availableReplicas]
      return counts.every((count = 0) => count === spec?.replicas)
    })
  }

  /** Resolves when that is true of the deployment, its specification was seen, and the controllers are at rest. */
  async deploymentIs(what: string, test: (deployment: Deployment) => boolean | undefined): Promise<void> {
    await this.until(`the deployment is ${what}`, async () => {
      const deployment = await this.client.get(deployments, this.#named('web'))
      return deployment.status?.observedGeneration === deployment.metadata.generation && test(deployment)
    })
    await this.#observer.rest()
  }

  removeDeployment(propagationPolicy: NonNullable<RemoveOptions['propagationPolicy']>): Promise<void> {
    return this.client.remove(deployments, this.#named('web'), { propagationPolicy })
  }

  isDeploymentGone(): Promise<boolean> {
    return isGone(this.client.get(deployments, this.#named('web')))
  }

  pods(): Promise<Stored<Pod>[]> {
    return this.#all(pods)
  }

  replicaSets(): Promise<Stored<ReplicaSet>[]> {
    return this.#all(replicaSets)
  }

  /** The name of a node without what makes it the only one of that name in the cluster. */
  nodeOf({ spec }: Pod): string | undefined {
    return spec?.nodeName?.replace(`${this.namespace}-`, '')
  }

  async taintsOf(node: string): Promise<string[]> {
    const { spec } = await this.client.get(nodes, { name: this.nodeName(node) })
    return (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort()
  }

  nodeName(name: string): string {
    return `${this.namespace}-${name}`
  }

  /** Resolves with what `look` gives once that is something. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      const found = await look()
      if (found !== undefined && found !== false) return found
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
    throw new Error(`${what}: not so after ${timeoutMs / 1000} s`)
  }

  /** One pod after the other, when the controllers have made of the one before what they will. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(() => (this.#hasEnded ? undefined : this.#observer.rest())).then(act)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  #named(name: string): { name: string; namespace: string } {
    return { name, namespace: this.namespace }
  }

  async #all<T extends KubernetesObject>(resource: Resource<T>): Promise<Stored<T>[]> {
    return (await this.client.list(resource, { namespace: this.namespace })).items
  }
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}

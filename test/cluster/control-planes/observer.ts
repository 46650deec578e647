import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import {
  type ApiClient,
  deployments,
  endpoints,
  Informer,
  type KubernetesObject,
  keyOf,
  pods,
  type Resource,
  replicaSets,
  services,
} from '../../../src/lab/client/index.ts'
import { stateOfDeployment, stateOfEndpoints, stateOfReplicaSet, type Told } from '../../lab/controllers/recording.ts'

/** How long nothing changes when the controllers are at rest, beside what can be told by looking. */
const quietMs = 300
const longestMs = 120_000

/** The states that objects were in when the controllers were at rest: by object, in order. */
export type RestingStates = Record<string, string[]>

interface Followed {
  resource: Resource<KubernetesObject>
  /** Of that kind. */
  informer: Pick<Informer<KubernetesObject>, 'get' | 'list' | 'start' | 'stop' | 'synced'>
}

/**
 * Follows the objects of a namespace. What lies between two times of rest depends on which of several writers came first;
 * where the controllers come to rest does not.
 */
export class Observer {
  readonly #client: ApiClient
  readonly #namespace: string
  readonly #followed: Followed[] = []
  readonly #deployments: Informer<Deployment>
  readonly #replicaSets: Informer<ReplicaSet>
  readonly #services: Informer<Service>
  readonly #endpoints: Informer<Endpoints>
  readonly #pods: Informer<Pod>
  readonly #states: RestingStates = {}
  #changedAt = performance.now()

  constructor(client: ApiClient, namespace: string) {
    this.#client = client
    this.#namespace = namespace
    this.#deployments = this.#follow(deployments)
    this.#replicaSets = this.#follow(replicaSets)
    this.#services = this.#follow(services)
    this.#endpoints = this.#follow(endpoints)
    this.#pods = this.#follow(pods)
  }

  async start(): Promise<void> {
    for (const { informer } of this.#followed) informer.start()
    await Promise.all(this.#followed.map(({ informer }) => informer.synced))
  }

  async stop(): Promise<RestingStates> {
    await Promise.all(this.#followed.map(({ informer }) => informer.stop()))
    return this.#states
  }

  /** Resolves when the controllers are at rest: every status tells what there is, and nothing changes any more. */
  async rest(): Promise<void> {
    const begin = performance.now()
    const leftMs = () => Math.max(begin, this.#changedAt) + quietMs - performance.now()
    while (leftMs() > 0 || !this.#isTold() || !(await this.#isUpToDate())) {
      if (performance.now() > begin + longestMs) throw new Error('The controllers do not come to rest.')
      await new Promise((resolve) => setTimeout(resolve, Math.max(20, leftMs())))
    }
    this.#note()
  }

  #follow<T extends KubernetesObject>(resource: Resource<T>): Informer<T> {
    const informer = new Informer(this.#client, resource, { namespace: this.#namespace })
    informer.onChange(() => {
      this.#changedAt = performance.now()
    })
    this.#followed.push({ resource, informer })
    return informer
  }

  /** Whether all has been heard that has happened: on a busy machine news is late. */
  async #isUpToDate(): Promise<boolean> {
    const heard = await Promise.all(
      this.#followed.map(async ({ resource, informer }) => {
        const { items } = await this.#client.list(resource, { namespace: this.#namespace })
        const isHeard = (item: (typeof items)[number]) =>
          informer.get(keyOf(item))?.metadata.resourceVersion === item.metadata.resourceVersion
        return items.length === informer.list().length && items.every(isHeard)
      }),
    )
    return heard.every(Boolean)
  }

  #note(): void {
    const told = [
      ...this.#deployments.list().map(restingStateOf),
      ...this.#replicaSets.list().map(stateOfReplicaSet),
      ...this.#endpoints.list().map(stateOfEndpoints),
    ].filter((state): state is Told => state !== undefined)
    const gone = Object.keys(this.#states).filter((name) => !told.some(({ object }) => object === name))
    for (const { object, state } of [...told, ...gone.map((object) => ({ object, state: 'gone' }))]) {
      const states = this.#states[object] ?? []
      this.#states[object] = states.at(-1) === state ? states : [...states, state]
    }
  }

  #isTold(): boolean {
    return (
      this.#deployments.list().every((deployment) => this.#tellsItsReplicaSets(deployment)) &&
      this.#replicaSets.list().every((replicaSet) => this.#tellsItsPods(replicaSet)) &&
      this.#services.list().length === this.#endpoints.list().length &&
      this.#endpoints.list().every((one) => this.#tellsThePods(one))
    )
  }

  #tellsItsReplicaSets({ metadata, status = {} }: Deployment): boolean {
    const own = this.#replicaSets.list().filter((one) => isOwnedBy(one, metadata?.uid))
    const sum = (count: 'replicas' | 'readyReplicas') => own.reduce((all, one) => all + (one.status?.[count] ?? 0), 0)
    return (
      status.observedGeneration === metadata?.generation &&
      (status.replicas ?? 0) === sum('replicas') &&
      (status.readyReplicas ?? 0) === sum('readyReplicas')
    )
  }

  #tellsItsPods({ metadata, spec, status }: ReplicaSet): boolean {
    const own = this.#present.filter((pod) => isOwnedBy(pod, metadata?.uid) && pod.status?.phase !== 'Failed')
    return (
      status?.observedGeneration === metadata?.generation &&
      own.length === spec?.replicas &&
      status?.replicas === own.length &&
      (status.readyReplicas ?? 0) === own.filter(isReady).length
    )
  }

  #tellsThePods({ subsets = [] }: Endpoints): boolean {
    const selected = this.#present.filter(({ metadata }) => metadata?.labels?.app === 'web')
    const addresses = subsets.flatMap((subset) => [...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])])
    const ready = subsets.flatMap((subset) => subset.addresses ?? [])
    return addresses.length === selected.length && ready.length === selected.filter(isReady).length
  }

  get #present(): Pod[] {
    return this.#pods.list().filter(({ metadata }) => !metadata.deletionTimestamp)
  }
}

/** Why a rollout progresses, while it does, depends on which of two writers came first. */
function restingStateOf(deployment: Deployment): Told | undefined {
  const { replicas, updatedReplicas, availableReplicas } = deployment.status ?? {}
  const isComplete = replicas === updatedReplicas && replicas === availableReplicas
  const told = stateOfDeployment(deployment)
  return told && !isComplete ? { ...told, state: told.state.replace(/ T:\w+,/, ' T,') } : told
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

function isOwnedBy({ metadata }: KubernetesObject, uid: string | undefined): boolean {
  return metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false
}

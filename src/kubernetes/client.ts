import type { CoreV1Api, CustomObjectsApi, KubeConfig, V1Node, V1Secret, V1Service } from '@kubernetes/client-node'
import { systemClock } from '../support/clock.ts'
import type { TargetReference } from '../undo/types.ts'
import { type ApiRequest, explain, hasCode, isRefusedForNow } from './errors.ts'
import { kubeconfigOf, loadClientLibrary } from './kubeconfig.ts'
import type { Deployment, DeploymentList, Lease, ObjectReference, PatchOperation } from './resources.ts'

/** A request that was not answered after this time is given up. */
const requestTimeoutMs = 10_000
const firstRetryMs = 100
const longestRetryMs = 800

/** Who made a change, in the `managedFields` of what was changed. */
const fieldManager = 'chaos-test'

/** The deployments in their raw form: the typed API drops the fields that it does not know. */
const deploymentsApi = { group: 'apps', version: 'v1', plural: 'deployments' }
/** Raw as well: the typed API cannot write the times of a Lease as it has read them. */
const leasesApi = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }

/**
 * A client of the target's API. Its requests end with the signal, whose reason is thrown then.
 *
 * @throws CHAOS_BAD_KUBECONFIG, CHAOS_NO_SUCH_CONTEXT (usage)
 */
export async function connect(target: TargetReference, signal: AbortSignal): Promise<KubernetesClient> {
  const kubeconfig = await kubeconfigOf(target)
  const library = await loadClientLibrary()
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(kubeconfig.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: kubeconfig },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]))
          return request
        },
        post: async (response) => response,
      },
    ],
  })
  return new KubernetesClient({
    target,
    signal,
    kubeconfig,
    core: new library.CoreV1Api(configuration),
    objects: new library.CustomObjectsApi(configuration),
  })
}

/** What tells one cluster from another, whatever its address: the UID of its namespace `kube-system`. */
export async function clusterIdentity(target: TargetReference, signal: AbortSignal): Promise<string> {
  const client = await connect(target, signal)
  return await client.namespaceUid('kube-system')
}

interface Connection {
  target: TargetReference
  signal: AbortSignal
  kubeconfig: KubeConfig
  core: CoreV1Api
  objects: CustomObjectsApi
}

/**
 * The requests that this module makes. Each throws a ChaosError of `errors.ts` when it fails; what the API refused for
 * now (a conflict, an overload) is tried again first, for some seconds.
 */
export class KubernetesClient {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get target(): TargetReference {
    return this.#connection.target
  }

  get signal(): AbortSignal {
    return this.#connection.signal
  }

  get kubeconfig(): KubeConfig {
    return this.#connection.kubeconfig
  }

  /** The deployment; undefined when a reachable API says that there is none. */
  async findDeployment({ namespace, name }: ObjectReference): Promise<Deployment | undefined> {
    const request: ApiRequest = { verb: 'get', resource: 'deployments', namespace, name }
    return await this.#find<Deployment>(request, ({ objects }) =>
      objects.getNamespacedCustomObject({ ...deploymentsApi, namespace, name }),
    )
  }

  /** The deployments of a namespace, or the one of a name, with the version to watch from. */
  async listDeployments(namespace: string, name?: string): Promise<DeploymentList> {
    const fieldSelector = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }
    return await this.#call<DeploymentList>({ verb: 'list', resource: 'deployments', namespace }, ({ objects }) =>
      objects.listNamespacedCustomObject({ ...deploymentsApi, namespace, ...fieldSelector }),
    )
  }

  /** @throws CHAOS_INVALID also when a `test` of the patch fails: then nothing was changed. */
  async patchDeployment({ namespace, name }: ObjectReference, patch: PatchOperation[]): Promise<Deployment> {
    const request: ApiRequest = { verb: 'patch', resource: 'deployments', namespace, name }
    return await this.#call<Deployment>(request, ({ objects }) =>
      objects.patchNamespacedCustomObject({ ...deploymentsApi, namespace, name, body: patch, fieldManager }),
    )
  }

  async findService({ namespace, name }: ObjectReference): Promise<V1Service | undefined> {
    const request: ApiRequest = { verb: 'get', resource: 'services', namespace, name }
    return await this.#find(request, ({ core }) => core.readNamespacedService({ namespace, name }))
  }

  async listServices(namespace: string): Promise<V1Service[]> {
    const request: ApiRequest = { verb: 'list', resource: 'services', namespace }
    return (await this.#call(request, ({ core }) => core.listNamespacedService({ namespace }))).items
  }

  async listNodes(): Promise<V1Node[]> {
    return (await this.#call({ verb: 'list', resource: 'nodes' }, ({ core }) => core.listNode())).items
  }

  async namespaceUid(name: string): Promise<string> {
    const request: ApiRequest = { verb: 'get', resource: 'namespaces', name }
    const namespace = await this.#call(request, ({ core }) => core.readNamespace({ name }))
    return namespace.metadata?.uid ?? ''
  }

  async findLease({ namespace, name }: ObjectReference): Promise<Lease | undefined> {
    const request: ApiRequest = { verb: 'get', resource: 'leases', namespace, name }
    return await this.#find<Lease>(request, ({ objects }) =>
      objects.getNamespacedCustomObject({ ...leasesApi, namespace, name }),
    )
  }

  /** @throws CHAOS_CONFLICT when there is one already */
  async createLease(lease: Lease): Promise<Lease> {
    const { namespace, name } = lease.metadata
    const request: ApiRequest = { verb: 'create', resource: 'leases', namespace, name }
    return await this.#call<Lease>(request, ({ objects }) =>
      objects.createNamespacedCustomObject({ ...leasesApi, namespace, body: lease, fieldManager }),
    )
  }

  /** @throws CHAOS_CONFLICT when it is not any more of the version that was read */
  async replaceLease(lease: Lease): Promise<Lease> {
    const { namespace, name } = lease.metadata
    const request: ApiRequest = { verb: 'update', resource: 'leases', namespace, name }
    return await this.#call<Lease>(request, ({ objects }) =>
      objects.replaceNamespacedCustomObject({ ...leasesApi, namespace, name, body: lease, fieldManager }),
    )
  }

  async findSecret({ namespace, name }: ObjectReference): Promise<V1Secret | undefined> {
    const request: ApiRequest = { verb: 'get', resource: 'secrets', namespace, name }
    return await this.#find(request, ({ core }) => core.readNamespacedSecret({ namespace, name }))
  }

  async listSecrets(namespace: string, labelSelector: string): Promise<V1Secret[]> {
    const request: ApiRequest = { verb: 'list', resource: 'secrets', namespace }
    return (await this.#call(request, ({ core }) => core.listNamespacedSecret({ namespace, labelSelector }))).items
  }

  /** @throws CHAOS_CONFLICT when there is one already */
  async createSecret(secret: V1Secret): Promise<void> {
    const { namespace, name } = nameOf(secret)
    await this.#call({ verb: 'create', resource: 'secrets', namespace, name }, ({ core }) =>
      core.createNamespacedSecret({ namespace, body: secret, fieldManager }),
    )
  }

  /** @throws CHAOS_CONFLICT when it is not any more of the version that was read */
  async replaceSecret(secret: V1Secret): Promise<void> {
    const { namespace, name } = nameOf(secret)
    await this.#call({ verb: 'update', resource: 'secrets', namespace, name }, ({ core }) =>
      core.replaceNamespacedSecret({ namespace, name, body: secret, fieldManager }),
    )
  }

  /** @throws CHAOS_CONFLICT when it is not any more of the version that was read */
  async removeSecret(secret: V1Secret): Promise<void> {
    const { namespace, name } = nameOf(secret)
    const { resourceVersion } = secret.metadata ?? {}
    const preconditions = resourceVersion === undefined ? {} : { resourceVersion }
    await this.#call({ verb: 'delete', resource: 'secrets', namespace, name }, ({ core }) =>
      core.deleteNamespacedSecret({ namespace, name, body: { preconditions } }),
    )
  }

  async #find<T>(request: ApiRequest, send: (connection: Connection) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#call(request, send)
    } catch (error) {
      if (hasCode(error, 'CHAOS_NOT_FOUND')) return undefined
      throw error
    }
  }

  async #call<T>(request: ApiRequest, send: (connection: Connection) => Promise<T>): Promise<T> {
    const { signal, target } = this.#connection
    for (let retryMs = firstRetryMs; ; retryMs *= 2) {
      signal.throwIfAborted()
      try {
        return await send(this.#connection)
      } catch (failure) {
        signal.throwIfAborted()
        const error = explain(failure, request, target)
        if (!isRefusedForNow(error, request) || retryMs > longestRetryMs) throw error
      }
      await systemClock.sleep(retryMs, signal)
    }
  }
}

function nameOf({ metadata: { namespace = '', name = '' } = {} }: V1Secret): ObjectReference {
  return { namespace, name }
}

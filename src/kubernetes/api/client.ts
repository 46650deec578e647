import type { KubeConfig } from '@kubernetes/client-node'
import type { TargetReference } from '../../undo/types.ts'
import { type ApiResource, apiPath, type NamedObject, namespaces } from './api-resources.ts'
import { type ApiRequest, hasCode } from './errors.ts'
import { kubeconfigOf, loadClientLibrary } from './kubeconfig.ts'
import { notePermission } from './noted-permissions.ts'
import type { Permission } from './permissions.ts'
import { type Connection, type Message, send } from './requests.ts'
import type { PatchOperation } from './resources.ts'

/** Who made a change, in the `managedFields` of what was changed. */
const fieldManager = 'chaos-test'

/**
 * A client of the target's API. Its requests end with the signal, whose reason is thrown then.
 *
 * @throws CHAOS_BAD_KUBECONFIG, CHAOS_NO_SUCH_CONTEXT (usage)
 */
export async function connect(target: TargetReference, signal: AbortSignal): Promise<KubernetesClient> {
  const kubeconfig = await kubeconfigOf(target)
  return new KubernetesClient({ target, signal, kubeconfig, library: await loadClientLibrary() })
}

/** What tells one cluster from another, whatever its address: the UID of its namespace `kube-system`. */
export async function clusterIdentity(target: TargetReference, signal: AbortSignal): Promise<string> {
  const client = await connect(target, signal)
  const { metadata } = await client.get(namespaces, { name: 'kube-system' })
  return metadata?.uid ?? ''
}

/** A connection, and what is noted of what it is used for. */
interface ClientOptions extends Connection {
  /** What it asks for is no permission that the run needs (false). */
  isUnneeded?: boolean
}

/** Which object; the namespace for namespaced kinds only. */
export interface ObjectAddress {
  namespace?: string
  name: string
}

export interface ListQuery {
  /** Absent: of all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export interface ObjectList<T> {
  /** With the version to watch from. */
  metadata: { resourceVersion: string }
  items: T[]
}

/** A change of an object, in one of the ways that the API knows. */
export type Patch =
  | { type: 'json'; body: readonly PatchOperation[] }
  | { type: 'merge' | 'strategic'; body: object }
  | { type: 'apply'; body: object; force?: boolean }

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

export interface WriteOptions {
  /** Says what would come of it, and changes nothing (false). */
  dryRun?: boolean
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  /** Only the object of this UID, or of this version. */
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** A kind as the API tells of it. */
export interface ServedKind {
  /** In the plural; `pods/log` is a part. */
  name: string
  kind: string
  namespaced: boolean
}

/** An object, or all of a kind. */
interface Place {
  namespace?: string | undefined
  name?: string | undefined
}

/**
 * The requests that this module makes, to any kind of object: what is read is kept as the API sends it. Each throws a
 * ChaosError of `errors.ts` when it fails; what the API refused for now (a conflict of a patch, an overload) is tried
 * again first, for some seconds.
 */
export class KubernetesClient {
  readonly #connection: ClientOptions

  constructor(connection: ClientOptions) {
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

  /** The same client, whose writes change nothing: the API says what would come of them. */
  changingNothing(): KubernetesClient {
    return new KubernetesClient({ ...this.#connection, dryRun: true })
  }

  /**
   * The same client, for what is looked at where that is allowed, and done without where it is not: it needs no permission
   * that somebody would have to grant.
   */
  lookingOnly(signal: AbortSignal): KubernetesClient {
    return new KubernetesClient({ ...this.#connection, signal, isUnneeded: true })
  }

  /** Notes permissions that what it does needs. */
  note(permissions: readonly Permission[]): void {
    if (this.#connection.isUnneeded) return
    for (const permission of permissions) notePermission(permission)
  }

  /** The version of the API server, and what its clock said when it answered (to the second; undefined: it did not say). */
  async serverVersion(): Promise<{ gitVersion: string; at: number | undefined }> {
    const request: ApiRequest = { verb: 'get', group: '', resource: 'version' }
    const { text, headers } = await send(this.#connection, request, '/version', { verb: 'get' })
    const at = Date.parse(headers.date ?? '')
    return { gitVersion: JSON.parse(text).gitVersion, at: Number.isNaN(at) ? undefined : at }
  }

  /** @throws CHAOS_NOT_FOUND */
  async get<T>(resource: ApiResource<T>, address: ObjectAddress): Promise<T> {
    return await this.#send<T>(resource, address, { verb: 'get' })
  }

  /** Undefined when a reachable API says that there is none. */
  async find<T>(resource: ApiResource<T>, address: ObjectAddress): Promise<T | undefined> {
    try {
      return await this.get(resource, address)
    } catch (error) {
      if (hasCode(error, 'CHAOS_NOT_FOUND')) return undefined
      throw error
    }
  }

  async list<T>(resource: ApiResource<T>, { namespace, ...query }: ListQuery = {}): Promise<ObjectList<T>> {
    const place = namespace === undefined ? {} : { namespace }
    return await this.#send<ObjectList<T>>(resource, place, { verb: 'list', query })
  }

  /** @throws CHAOS_CONFLICT when there is one already */
  async create<T extends object>(resource: ApiResource<T>, object: T): Promise<T> {
    return await this.#send<T>(resource, addressOf(object), { verb: 'create', query: { fieldManager }, body: object })
  }

  /** @throws CHAOS_CONFLICT when it is not any more of the version that was read */
  async replace<T extends object>(resource: ApiResource<T>, object: T): Promise<T> {
    return await this.#send<T>(resource, addressOf(object), { verb: 'update', query: { fieldManager }, body: object })
  }

  /** @throws CHAOS_INVALID also when a `test` of a JSON patch fails: then nothing was changed */
  async patch<T>(
    resource: ApiResource<T>,
    address: ObjectAddress,
    patch: Patch,
    { dryRun = false }: WriteOptions = {},
  ): Promise<T> {
    const force = patch.type === 'apply' ? String(patch.force ?? false) : undefined
    return await this.#send<T>(resource, address, {
      verb: 'patch',
      query: { fieldManager, force, dryRun: dryRun ? 'All' : undefined },
      body: patch.body,
      contentType: patchTypes[patch.type],
    })
  }

  /** @throws CHAOS_NOT_FOUND, CHAOS_CONFLICT when it is not the one of the preconditions */
  async remove(resource: ApiResource, address: ObjectAddress, options: DeleteOptions = {}): Promise<void> {
    // Beside a body the API reads no options of a deletion from the query.
    const dryRun = this.#connection.dryRun ? { dryRun: ['All'] } : {}
    await this.#send(resource, address, { verb: 'delete', body: { ...options, ...dryRun } })
  }

  /** Makes something of an object: `eviction` of a pod. */
  async createPart(resource: ApiResource, address: ObjectAddress, subresource: string, body: object): Promise<void> {
    await this.#send(resource, address, { verb: 'create', subresource, body })
  }

  /** A part of an object that is text: `log` of a pod. */
  async readText(
    resource: ApiResource,
    address: ObjectAddress,
    subresource: string,
    query: Record<string, string | undefined> = {},
  ): Promise<string> {
    return await this.#sendForText(resource, address, { verb: 'get', subresource, query })
  }

  /** The kinds of a version of a group. @throws CHAOS_NOT_SERVED when it has none */
  async kindsOf(group: string, version: string): Promise<ServedKind[]> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const request: ApiRequest = { verb: 'get', group: '', resource: `the kinds of ${group || 'core'}/${version}` }
    const answer = await send(this.#connection, request, path, { verb: 'get' })
    return (JSON.parse(answer.text) as { resources: ServedKind[] }).resources
  }

  async #send<T>(resource: ApiResource, place: Place, message: Message): Promise<T> {
    return JSON.parse(await this.#sendForText(resource, place, message))
  }

  async #sendForText(resource: ApiResource, { namespace, name }: Place, message: Message): Promise<string> {
    const { verb, subresource } = message
    const request: ApiRequest = {
      verb,
      group: resource.group,
      resource: resource.plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
      ...(name === undefined ? {} : { name }),
    }
    this.note([request])
    // What is created is named in its body.
    const { name: _, ...collection } = request
    const path = apiPath(resource, verb === 'create' && subresource === undefined ? collection : request)
    return (await send(this.#connection, request, path, message)).text
  }
}

function addressOf(object: object): { namespace?: string; name?: string } {
  return ('metadata' in object ? (object as NamedObject).metadata : undefined) ?? {}
}

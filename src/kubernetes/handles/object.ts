import { eventuallyBy } from '../../probes/index.ts'
import { currentCluster, currentSession } from '../../session/session.ts'
import { systemClock } from '../../support/clock.ts'
import { ChaosError, deviation } from '../../support/errors.ts'
import { type Duration, toMilliseconds } from '../../support/quantities.ts'
import { act } from '../actions/act.ts'
import { createObject, type ObjectBody } from '../actions/create-object.ts'
import { changeFields } from '../actions/field-action.ts'
import type { ApiResource } from '../api/api-resources.ts'
import { call } from '../api/call.ts'
import type { KubernetesClient, ObjectAddress } from '../api/client.ts'
import { type AnyObject, resourceOf } from '../api/discovery.ts'
import { checkName } from '../api/names.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { Condition } from '../api/resources.ts'
import { type ObjectPatch, type PatchOptions, patchOf, preview } from '../changes/object-patch.ts'
import { impactOnWorkload, refuseWhileRollingOut } from '../changes/workload-changes.ts'
import { deletedUndo } from '../undos/deleted.ts'
import type { WithinOptions } from './handle.ts'
import type { RolloutActionOptions } from './workload.ts'

/** Which object, of whatever kind. */
export interface ObjectIdentity {
  /** `v1`, `apps/v1`, `chaos-mesh.org/v1alpha1`. */
  apiVersion: string
  kind: string
  name: string
  /** Of namespaced kinds. @default that of the target */
  namespace?: string
}

export interface ConditionOptions extends WithinOptions {
  /** @default 'True' */
  status?: 'True' | 'False' | 'Unknown'
}

export interface DeleteObjectOptions {
  /** How long it may take to end, for what does. In whole seconds. @default what it says itself */
  gracePeriod?: Duration
}

/**
 * Any object of the target, also of a custom resource: a description, until one of its methods is called.
 *
 * Every method throws `CHAOS_NOT_SERVED` when the target does not have its kind, and those that need the object
 * `CHAOS_NO_SUCH_OBJECT` when it is not there.
 */
export class ObjectHandle {
  readonly #identity: ObjectIdentity

  constructor(identity: ObjectIdentity) {
    checkName(identity.kind, identity.name)
    this.#identity = identity
  }

  /** As the API sends it; undefined when there is none. */
  async find(): Promise<AnyObject | undefined> {
    return await this.#call('find object', async (client, resource) => client.find(resource, this.#address(resource)))
  }

  /**
   * Creates it. It is undone by deleting it and waiting until it is gone: the way to drive what acts for as long as an
   * object exists, as Chaos Mesh does.
   *
   * @param body all of it but for its name and its place
   * @throws CHAOS_CONFLICT when it is there already
   *
   * @example
   * const delay = kubernetes.object({ apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'NetworkChaos', name: 'delay' })
   * await delay.create({ spec: { action: 'delay', mode: 'all', selector: { … }, delay: { latency: '200ms' } } })
   * await delay.condition('AllInjected', { within: '30s' })
   */
  async create(body: ObjectBody): Promise<void> {
    await this.#call('create object', async (client, resource) => {
      await createObject(client, { resource, address: this.#address(resource), body })
    })
  }

  /** Changes it by a patch, as {@link WorkloadHandle.patch} does; a custom resource by `{ type: 'merge' }`. */
  async patch(patch: ObjectPatch, options: PatchOptions & RolloutActionOptions = {}): Promise<void> {
    await this.#call('patch object', async (client, resource) => {
      const found = await this.#read(client, resource, 'patch')
      const { read, changes } = await preview(client, resource, found, patchOf(patch, options))
      const paths = changes.map(({ path }) => path).join(', ')
      if (changes.length === 0) {
        const message = `patch: ${this.#subject} has all that the patch sets already, so nothing was done.`
        currentSession().record({ type: 'notice', message })
        return
      }
      refuseWhileRollingOut('patch', resource, read, options)
      await changeFields(client, {
        title: `patch ${this.#subject} (${paths})`,
        what: paths,
        resource,
        read,
        changes,
        impact: {
          objects: [{ kind: resource.kind.toLowerCase(), ...this.#address(resource) }],
          ...impactOnWorkload(resource, read, changes),
        },
      })
    })
  }

  /**
   * Deletes it, with what belongs to it. It is undone by creating it again as it was, but for its UID; a deployment gets
   * new pods, and no longer knows its earlier revisions.
   *
   * @example
   * await kubernetes.object({ apiVersion: 'v1', kind: 'Service', name: 'service2' }).delete()
   */
  async delete({ gracePeriod }: DeleteObjectOptions = {}): Promise<void> {
    await this.#call('delete object', async (client, resource) => {
      const read = await this.#read(client, resource, 'delete')
      const address = this.#address(resource)
      const { uid = '' } = read.metadata
      const seconds = gracePeriod === undefined ? undefined : Math.ceil(toMilliseconds(gracePeriod) / 1000)
      const object = createdAgain(read)
      await act(client, {
        title: `delete ${this.#subject}`,
        before: { exists: true },
        after: { exists: false },
        impact: {
          objects: [{ kind: resource.kind.toLowerCase(), ...address }],
          ...impactOnWorkload(resource, read, undefined),
        },
        permissions: permissionsTo(['get', 'delete'], resource, address),
        undo: { by: deletedUndo, args: { resource, ...address, uid, object } },
        async run(writer) {
          await writer.remove(resource, address, {
            propagationPolicy: 'Background',
            preconditions: { uid },
            ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
          })
        },
      })
    })
  }

  /**
   * Waits until a condition of its status is as it should be.
   *
   * @throws CHAOS_CONDITION_NOT_MET (deviated) with the conditions that it has
   */
  async condition(type: string, { status = 'True', within }: ConditionOptions): Promise<void> {
    await this.reaches((object) => conditionsOf(object).some((each) => each.type === type && each.status === status), {
      within,
      title: `${type} ${status}`,
    })
  }

  /**
   * Waits until it is as it should be.
   *
   * @param title what it should be, in words
   * @returns the object as it is then
   * @throws CHAOS_CONDITION_NOT_MET (deviated)
   *
   * @example
   * await delay.reaches(({ status }) => status?.experiment?.desiredPhase === 'Run', { within: '30s', title: 'running' })
   */
  async reaches(
    isSo: (object: AnyObject) => boolean,
    { within, title }: WithinOptions & { title: string },
  ): Promise<AnyObject> {
    return await this.#call('object reaches', async (client, resource) => {
      const look = async () => {
        const object = await client.find(resource, this.#address(resource))
        if (object && isSo(object)) return object
        throw this.#notMet(title, object)
      }
      return await eventuallyBy(systemClock, client.signal, look, { within })
    })
  }

  get #subject(): string {
    return `${this.#identity.kind.toLowerCase()}/${this.#identity.name}`
  }

  #address({ namespaced }: ApiResource): ObjectAddress {
    const { name, namespace = currentCluster().namespace } = this.#identity
    return namespaced ? { namespace, name } : { name }
  }

  async #read(client: KubernetesClient, resource: ApiResource<AnyObject>, tried: string) {
    const found = await client.find(resource, this.#address(resource))
    if (found?.metadata) return { ...found, metadata: found.metadata }
    throw new ChaosError('CHAOS_NO_SUCH_OBJECT', `${tried}: there is no ${this.#subject}${this.#place(resource)}.`)
  }

  #place(resource: ApiResource): string {
    const { namespace } = this.#address(resource)
    return namespace === undefined ? '' : ` in namespace "${namespace}"`
  }

  #notMet(title: string, object: AnyObject | undefined): ChaosError {
    const conditions = conditionsOf(object).map(({ type, status }) => `${type} ${status}`)
    const is = object ? `has ${conditions.join(', ') || 'no conditions'}` : 'is not there'
    return deviation('CHAOS_CONDITION_NOT_MET', `${this.#subject} is not ${title}: it ${is}.`)
  }

  async #call<T>(
    name: string,
    work: (client: KubernetesClient, resource: ApiResource<AnyObject>) => Promise<T>,
  ): Promise<T> {
    const attributes = { 'k8s.object.kind': this.#identity.kind, 'k8s.object.name': this.#identity.name }
    return await call(name, attributes, async (client) => work(client, await resourceOf(client, this.#identity)))
  }
}

function conditionsOf(object: AnyObject | undefined): Condition[] {
  return (object?.status as { conditions?: Condition[] } | undefined)?.conditions ?? []
}

/** An object without what belongs to this one alone. */
function createdAgain({ metadata, status: _, ...content }: AnyObject): object {
  const { labels, annotations, name, namespace, ownerReferences, finalizers } = metadata as Record<string, unknown>
  const kept = { name, namespace, labels, annotations, ownerReferences, finalizers }
  return { ...content, metadata: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) }
}

import { currentSession } from '../../session/session.ts'
import { systemClock } from '../../support/clock.ts'
import { act } from '../actions/act.ts'
import { changeFields } from '../actions/field-action.ts'
import type { KubernetesClient } from '../api/client.ts'
import { wordsOf } from '../api/names.ts'
import { type Permission, permissionsTo } from '../api/permissions.ts'
import type { PatchOperation, Resources, Workload } from '../api/resources.ts'
import { changeObject } from '../changes/change.ts'
import type { Impact, Share } from '../changes/impact.ts'
import { type ObjectPatch, type PatchOptions, patchOf, preview } from '../changes/object-patch.ts'
import {
  type EnvChanges,
  envChange,
  imageChange,
  noSuchContainer,
  resourcesChange,
  restartChange,
  type TemplateChange,
} from '../changes/template-changes.ts'
import { refuseWhileRollingOut, rollsGradually } from '../changes/workload-changes.ts'
import { podTemplate } from '../undos/pod-template.ts'
import { tellReadiness } from '../watch/readiness.ts'
import { ObservedWorkload } from './observed-workload.ts'
import { type Revision, revisionsOf, templateOf } from './revisions.ts'

export interface RolloutActionOptions {
  /** Also when a rollout is in progress, or the deployment is paused (false). */
  evenIfRollingOut?: boolean
}

export interface UndoRolloutOptions extends RolloutActionOptions {
  /** Its number, as `kubectl rollout history` tells it. Absent: the one before the present one. */
  toRevision?: number
}

/**
 * What rolls out pods: a description, until one of its methods is called in a hook or a hypothesis.
 *
 * Every method throws `CHAOS_NO_SUCH_…` when there is none, `CHAOS_NOT_SERVED` where the target has no such kind, and
 * `CHAOS_FORBIDDEN`, `CHAOS_UNAUTHORIZED` or `CHAOS_UNREACHABLE` when the API may not or cannot be asked.
 *
 * Every action is undone by putting back what it changed. While a rollout is in progress or the deployment is paused, it
 * is refused (`CHAOS_ROLLOUT_IN_PROGRESS`) unless told `evenIfRollingOut`. It throws `CHAOS_CONFLICT` when someone else
 * changes the same at the same time.
 */
export class WorkloadHandle<T extends Workload> extends ObservedWorkload<T> {
  /**
   * Sets the image of a container, which begins a rollout; `rolledOut` waits for its end. It is undone by putting the
   * pod template back as it was. The image that is already set changes nothing, and says so: see {@link restart}.
   *
   * @throws CHAOS_NO_SUCH_CONTAINER
   *
   * @example
   * await service2.setImage('service2', 'counter/service2:v4')
   */
  async setImage(container: string, image: string, options: RolloutActionOptions = {}): Promise<void> {
    await this.#changeTemplate('setImage', {
      options,
      container,
      attributes: { 'container.image.name': image },
      title: `set image of ${this.subject} to ${image}`,
      already: `the image ${image} in container "${container}"`,
      change: ({ spec }) => imageChange(spec.template, container, image),
    })
  }

  /**
   * Sets variables of a container's environment; `null` removes one. The others stay. It begins a rollout.
   *
   * @throws CHAOS_NO_SUCH_CONTAINER
   *
   * @example
   * await service1.setEnv('service1', { SERVICE2_SERVICE_PORT: '1' })
   */
  async setEnv(container: string, changes: EnvChanges, options: RolloutActionOptions = {}): Promise<void> {
    await this.#changeTemplate('setEnv', {
      options,
      container,
      title: `set ${Object.keys(changes).join(', ')} of ${this.subject}`,
      already: `this environment in container "${container}"`,
      change: ({ spec }) => envChange(spec.template, container, changes),
    })
  }

  /**
   * Sets what a container asks for and may use. What is not named stays. It begins a rollout.
   *
   * @throws CHAOS_NO_SUCH_CONTAINER
   *
   * @example
   * await service2.setResources('service2', { limits: { memory: '64Mi' } })
   */
  async setResources(container: string, resources: Resources, options: RolloutActionOptions = {}): Promise<void> {
    await this.#changeTemplate('setResources', {
      options,
      container,
      title: `set resources of ${this.subject}`,
      already: `these resources in container "${container}"`,
      change: ({ spec }) => resourcesChange(spec.template, container, resources),
    })
  }

  /**
   * Rolls out the same version again, as `kubectl rollout restart` does: by an annotation of the pod template. It is
   * undone by putting the pod template back as it was, which is a rollout, too.
   */
  async restart(options: RolloutActionOptions = {}): Promise<void> {
    await this.#changeTemplate('restart', {
      options,
      title: `restart ${this.subject}`,
      already: 'been restarted',
      change: ({ spec }) => restartChange(spec.template, new Date(systemClock.now())),
    })
  }

  /**
   * Goes back to an earlier version, as `kubectl rollout undo` does. It is an action as any other: its own undo is to
   * come back.
   *
   * @throws CHAOS_NO_SUCH_REVISION with those that there are
   *
   * @example
   * await service2.undoRollout({ toRevision: 2 })
   */
  async undoRollout({ toRevision, ...options }: UndoRolloutOptions = {}): Promise<void> {
    await this.#changeTemplate('undoRollout', {
      options,
      title: `undo the rollout of ${this.subject}${toRevision === undefined ? '' : ` to revision ${toRevision}`}`,
      already: 'the pod template of that revision',
      permissions: (reference) => permissionsTo(['list'], revisionsOf(this.kind.kind), reference),
      change: async (read, client) => revisionChange(read, await templateOf(client, this.kind.kind, read, toRevision)),
    })
  }

  /**
   * Changes anything of it by a patch: a strategic merge, as `kubectl patch` takes it, a JSON merge patch, or a list of
   * JSON patch operations. What it changes is found out before, by a dry run of the server, and put back after.
   *
   * @throws CHAOS_INVALID when the API does not accept it
   *
   * @example
   * await service2.patch({ spec: { minReadySeconds: 0 } })
   * await service2.patch([{ op: 'remove', path: '/spec/template/spec/containers/0/readinessProbe' }])
   */
  async patch(patch: ObjectPatch, options: PatchOptions & RolloutActionOptions = {}): Promise<void> {
    await this.call('patch', async (client) => {
      const found = await this.read(client, 'patch')
      const { read, changes } = await preview(client, this.resource, found, patchOf(patch, options))
      if (changes.length === 0) {
        this.noteNothingToDo('patch', 'all that the patch sets')
        return
      }
      this.refuseWhileRollingOut('patch', read, options)
      await tellReadiness(client, this.subject, read)
      const paths = changes.map(({ path }) => path)
      const rollsOut = paths.some((path) => path.startsWith('/spec/template'))
      await changeFields(client, {
        title: `patch ${this.subject} (${paths.join(', ')})`,
        what: paths.join(', '),
        resource: this.resource,
        read,
        changes,
        impact: this.impactOf(read, rollsOut ? {} : { hit: 0 }),
      })
    })
  }

  /** What changing it hits: a rolling update replaces all pods, in its own time. */
  protected impactOf(read: T, pods: Partial<Share> = {}): Impact {
    const desired = this.kind.desiredOf(read)
    const among = `the pods of ${this.subject}`
    return {
      objects: [{ kind: this.kind.kind, ...this.reference }],
      pods: { hit: desired, of: desired, among, gradually: rollsGradually(read), ...pods },
    }
  }

  /** @throws CHAOS_ROLLOUT_IN_PROGRESS */
  protected refuseWhileRollingOut(tried: string, read: T, options: RolloutActionOptions): void {
    refuseWhileRollingOut(tried, this.resource, read, options)
  }

  /** Says that an action has nothing to do. */
  protected noteNothingToDo(tried: string, already: string): void {
    currentSession().record({
      type: 'notice',
      message: `${tried}: ${this.subject} already has ${already}. Setting it again changes nothing on Kubernetes, so nothing was done. To roll out the same version again, use restart().`,
    })
  }

  async #changeTemplate(tried: string, plan: TemplateAction<T>): Promise<void> {
    const { options, container, title, attributes = {}, permissions } = plan
    const work = async (client: KubernetesClient) => {
      const read = await this.read(client, tried)
      const { template } = read.spec
      const change = await plan.change(read, client)
      if (!change) throw noSuchContainer(tried, this.subject, template, container ?? '')
      if (change.operations.length === 0) {
        this.noteNothingToDo(tried, plan.already)
        return
      }
      this.refuseWhileRollingOut(tried, read, options)
      await tellReadiness(client, this.subject, read)
      const { resource, kind } = this.kind
      const { namespace, name, uid } = read.metadata
      await act(client, {
        title,
        before: change.before,
        after: change.after,
        impact: this.impactOf(read),
        permissions: [
          ...permissionsTo(['get', 'patch'], resource, { namespace, name }),
          ...(permissions?.({ namespace }) ?? []),
        ],
        undo: { by: podTemplate, args: { workload: kind, namespace, name, uid, template } },
        run: async (writer) => {
          const unchanged: PatchOperation = { op: 'test', path: '/spec/template', value: template }
          await changeObject(writer, resource, read, [unchanged, ...change.operations])
        },
      })
    }
    await this.call(wordsOf(tried), work, {
      ...(container === undefined ? {} : { 'k8s.container.name': container }),
      ...attributes,
    })
  }
}

/** An action that changes the pod template, and so begins a rollout. */
interface TemplateAction<T> {
  options: RolloutActionOptions
  /** The one that it changes. */
  container?: string
  attributes?: Record<string, string>
  title: string
  /** What it has when nothing is to be done: `the image … in container "web"`. */
  already: string
  /** What deciding on the change needs, beside reading the workload. */
  permissions?(place: { namespace: string }): Permission[]
  /** Undefined when there is no such container. */
  change(read: T, client: KubernetesClient): TemplateChange | undefined | Promise<TemplateChange>
}

function revisionChange(read: Workload, { number, template }: Revision): TemplateChange {
  const imagesOf = ({ spec }: Workload['spec']['template']) =>
    Object.fromEntries(spec.containers.map(({ name, image }) => [name, image]))
  return {
    before: { images: imagesOf(read.spec.template) },
    after: { revision: number, images: imagesOf(template) },
    operations: [{ op: 'replace', path: '/spec/template', value: template }],
  }
}

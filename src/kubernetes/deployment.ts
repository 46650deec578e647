import { currentSession } from '../session/session.ts'
import { systemClock } from '../support/clock.ts'
import { ChaosError, deviation } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'
import { act } from './act.ts'
import { deployments } from './api-resources.ts'
import { type CallSpan, call } from './call.ts'
import type { KubernetesClient } from './client.ts'
import type { Share } from './impact.ts'
import { checkName, noSuch } from './names.ts'
import { permissionsTo } from './permissions.ts'
import { changeTemplate } from './pod-template.ts'
import { progressOf } from './progress.ts'
import type { Condition, Deployment, ObjectReference, PatchOperation } from './resources.ts'
import { awaitRollout, type RolloutOutcome, type RolloutResult } from './rollout.ts'
import { podTemplate } from './undos/pod-template.ts'

export interface HandleOptions {
  /** The namespace; absent: that of the target. */
  namespace?: string
}

export interface RolloutActionOptions {
  /** Also when a rollout is in progress, or the deployment is paused (false). */
  evenIfRollingOut?: boolean
}

export interface WithinOptions {
  within: Duration
}

/** How a deployment is. */
export interface DeploymentStatus {
  /** Pods that the spec asks for. */
  desired: number
  /** Pods of any version. */
  replicas: number
  /** Pods of the present version. */
  updated: number
  ready: number
  available: number
  paused: boolean
  /** Of the spec, and the one that the rest of the status tells of. */
  generation: number
  observedGeneration: number
  /** The image of each container that the spec asks for. */
  images: Record<string, string>
  conditions: Condition[]
}

/**
 * A deployment of the target: a description, until one of its methods is called in a hook or a hypothesis.
 *
 * Every method throws `CHAOS_NO_SUCH_DEPLOYMENT` when there is none, and `CHAOS_FORBIDDEN`, `CHAOS_UNAUTHORIZED` or
 * `CHAOS_UNREACHABLE` when the API may not or cannot be asked.
 */
export class DeploymentHandle {
  readonly name: string
  readonly #namespace: string | undefined

  constructor(name: string, options: HandleOptions = {}) {
    this.name = checkName('deployment', name)
    this.#namespace = options.namespace
  }

  /**
   * Sets the image of a container, which begins a rollout; `rolledOut` waits for its end. It is undone by putting the
   * pod template back as it was. The image that is already set changes nothing, and says so: see {@link restart}.
   *
   * @throws CHAOS_NO_SUCH_CONTAINER
   * @throws CHAOS_ROLLOUT_IN_PROGRESS unless `evenIfRollingOut`
   * @throws CHAOS_CONFLICT when someone else changes the deployment at the same time
   *
   * @example
   * await service2.setImage('service2', 'counter/service2:v4')
   */
  async setImage(container: string, image: string, options: RolloutActionOptions = {}): Promise<void> {
    const attributes = { 'k8s.container.name': container, 'container.image.name': image }
    await this.#span('set image', attributes, async (client) => {
      const read = await this.#read(client, 'setImage')
      const { containers } = read.spec.template.spec
      const index = containers.findIndex(({ name }) => name === container)
      const before = containers[index]?.image
      if (before === undefined) {
        const names = containers.map(({ name }) => name).join(', ')
        throw new ChaosError(
          'CHAOS_NO_SUCH_CONTAINER',
          `setImage: ${this.#subject} has no container "${container}". It has: ${names}.`,
        )
      }
      if (before === image) {
        currentSession().record({
          type: 'notice',
          message: `setImage: ${this.#subject} already has the image ${image} in container "${container}". Setting it again changes nothing on Kubernetes, so nothing was done. To roll out the same version again, use restart().`,
        })
        return
      }
      refuseWhileRollingOut('setImage', read, options)
      const path = `/spec/template/spec/containers/${index}/image`
      await this.#change(client, read, {
        title: `set image of ${this.#subject} to ${image}`,
        before: { image: before },
        after: { image },
        operations: [{ op: 'replace', path, value: image }],
      })
    })
  }

  /**
   * Rolls out the same version again, as `kubectl rollout restart` does: by an annotation of the pod template. It is
   * undone by putting the pod template back as it was, which is a rollout, too.
   *
   * @throws CHAOS_ROLLOUT_IN_PROGRESS unless `evenIfRollingOut`
   * @throws CHAOS_CONFLICT when someone else changes the deployment at the same time
   */
  async restart(options: RolloutActionOptions = {}): Promise<void> {
    await this.#span('restart', {}, async (client) => {
      const read = await this.#read(client, 'restart')
      refuseWhileRollingOut('restart', read, options)
      const { metadata } = read.spec.template
      const restarted = { [restartedAt]: new Date(systemClock.now()).toISOString() }
      const change: PatchOperation =
        metadata === undefined
          ? { op: 'add', path: '/spec/template/metadata', value: { annotations: restarted } }
          : { op: 'add', path: '/spec/template/metadata/annotations', value: { ...metadata.annotations, ...restarted } }
      const before = { restartedAt: metadata?.annotations?.[restartedAt] ?? null }
      await this.#change(client, read, {
        title: `restart ${this.#subject}`,
        before,
        after: { restartedAt: restarted[restartedAt] },
        operations: [change],
      })
    })
  }

  /** Waits for the end of the rollout, and says how it ended. Its steps are events. */
  async rolloutStatus({ within }: WithinOptions): Promise<RolloutOutcome> {
    const { outcome } = await this.#awaitRollout('rolloutStatus', toMilliseconds(within))
    return outcome
  }

  /**
   * Asserts that the rollout completes in time. What it throws otherwise is a deviation: a finding about the system.
   *
   * @throws CHAOS_ROLLOUT_NOT_COMPLETE (deviated)
   *
   * @example
   * await service2.rolledOut({ within: '60s' })
   */
  async rolledOut({ within }: WithinOptions): Promise<void> {
    const withinMs = toMilliseconds(within)
    const { outcome, progress } = await this.#awaitRollout('rolledOut', withinMs)
    if (outcome === 'complete') return
    const end =
      outcome === 'deadline-exceeded'
        ? 'stopped at its progress deadline'
        : `did not complete within ${formatMilliseconds(withinMs)}`
    const condition = progress?.condition?.message ? ` Kubernetes says: ${progress.condition.message}` : ''
    throw deviation(
      'CHAOS_ROLLOUT_NOT_COMPLETE',
      `The rollout of ${this.#subject} ${end}: ${progress?.message ?? 'nothing was seen of it'}.${condition}`,
    )
  }

  /** How it is now. */
  async status(): Promise<DeploymentStatus> {
    return await this.#span('deployment status', {}, async (client) => {
      const { metadata, spec, status = {} } = await this.#read(client, 'status')
      return {
        desired: spec.replicas,
        replicas: status.replicas ?? 0,
        updated: status.updatedReplicas ?? 0,
        ready: status.readyReplicas ?? 0,
        available: status.availableReplicas ?? 0,
        paused: spec.paused ?? false,
        generation: metadata.generation,
        observedGeneration: status.observedGeneration ?? 0,
        images: Object.fromEntries(spec.template.spec.containers.map(({ name, image }) => [name, image])),
        conditions: status.conditions ?? [],
      }
    })
  }

  get #subject(): string {
    return `deployment/${this.name}`
  }

  get #reference(): ObjectReference {
    return { namespace: this.#namespace ?? currentSession().target.namespace, name: this.name }
  }

  async #span<T>(
    name: string,
    attributes: Record<string, string>,
    work: (client: KubernetesClient, span: CallSpan) => Promise<T>,
  ): Promise<T> {
    const place = { 'k8s.namespace.name': this.#reference.namespace, 'k8s.deployment.name': this.name }
    return await call(name, { ...place, ...attributes }, work)
  }

  async #read(client: KubernetesClient, tried: string): Promise<Deployment> {
    const found = await client.find(deployments, this.#reference)
    if (found) return found
    throw await this.#missing(client, tried)
  }

  async #missing(client: KubernetesClient, tried: string): Promise<ChaosError> {
    const { namespace } = this.#reference
    return await noSuch('deployment', tried, this.#reference, async () =>
      (await client.list(deployments, { namespace })).items.map(({ metadata }) => metadata.name),
    )
  }

  async #change(client: KubernetesClient, read: Deployment, change: TemplateChange): Promise<void> {
    const { namespace, name, uid } = read.metadata
    const { title, before, after, operations } = change
    await act(client, {
      title,
      before,
      after,
      impact: { objects: [{ kind: 'deployment', namespace, name }], pods: rolledPods(read) },
      permissions: permissionsTo(['get', 'patch'], deployments, { namespace, name }),
      undo: { by: podTemplate, args: { namespace, name, uid, template: read.spec.template } },
      run: (writer) => changeTemplate(writer, read, operations),
    })
  }

  async #awaitRollout(tried: string, withinMs: number): Promise<RolloutResult & { outcome: RolloutOutcome }> {
    return await this.#span('rollout status', {}, async (client, span) => {
      const { record } = currentSession()
      const { outcome, progress } = await awaitRollout(client.target, this.#reference, {
        withinMs,
        signal: client.signal,
        onProgress: ({ message, counts }) => {
          record({ type: 'action-progress', subject: this.#subject, message, data: counts })
          span.addEvent(message)
        },
      })
      if (outcome === 'gone') throw await this.#missing(client, tried)
      span.setAttributes({ 'chaos.rollout.outcome': outcome })
      return { outcome, ...(progress ? { progress } : {}) }
    })
  }
}

interface TemplateChange {
  title: string
  before: Record<string, unknown>
  after: Record<string, unknown>
  operations: PatchOperation[]
}

/** A rolling update replaces all pods, in its own time; `Recreate` ends them first. */
function rolledPods({ metadata, spec }: Deployment): Share {
  const among = `the pods of deployment/${metadata.name}`
  return { hit: spec.replicas, of: spec.replicas, among, gradually: spec.strategy?.type !== 'Recreate' }
}

/** The annotation of `kubectl rollout restart`. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt'

function refuseWhileRollingOut(
  tried: string,
  read: Deployment,
  { evenIfRollingOut = false }: RolloutActionOptions,
): void {
  const { state, message } = progressOf(read)
  const paused = read.spec.paused ?? false
  if (evenIfRollingOut || (state === 'complete' && !paused)) return
  const found = paused ? 'is paused' : `is being rolled out already (${message})`
  throw new ChaosError(
    'CHAOS_ROLLOUT_IN_PROGRESS',
    `${tried}: deployment/${read.metadata.name} ${found}, and what came of another change could not be told apart. ${paused ? 'Resume it' : 'Wait for its end'}, or say { evenIfRollingOut: true }.`,
  )
}

import { changeFields } from '../actions/field-action.ts'
import type { Condition, Deployment } from '../api/resources.ts'
import { deploymentKind } from '../watch/workload-kinds.ts'
import type { HandleOptions } from './handle.ts'
import { ReplicatedHandle } from './replicated.ts'
import type { RolloutActionOptions } from './workload.ts'

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

/** A deployment of the target. */
export class DeploymentHandle extends ReplicatedHandle<Deployment> {
  constructor(name: string, options: HandleOptions = {}) {
    super(deploymentKind, name, options)
  }

  /**
   * Stops rolling out: what is changed from now on waits until it is resumed. In the middle of a rollout only when told
   * `evenIfRollingOut`.
   */
  async pause(options: RolloutActionOptions = {}): Promise<void> {
    await this.#setPaused('pause', true, options)
  }

  /** Goes on rolling out what was changed while it was paused. */
  async resume(): Promise<void> {
    await this.#setPaused('resume', false, { evenIfRollingOut: true })
  }

  /** How it is now. */
  async status(): Promise<DeploymentStatus> {
    return await this.call('deployment status', async (client) => {
      const { metadata, spec, status = {} } = await this.read(client, 'status')
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

  async #setPaused(verb: 'pause' | 'resume', paused: boolean, options: RolloutActionOptions): Promise<void> {
    await this.call(verb, async (client) => {
      const read = await this.read(client, verb)
      if ((read.spec.paused ?? false) === paused) {
        this.noteNothingToDo(verb, `been ${verb}d`)
        return
      }
      this.refuseWhileRollingOut(verb, read, options)
      const { paused: before } = read.spec
      await changeFields(client, {
        title: `${verb} ${this.subject}`,
        what: paused ? 'rolling out (not paused)' : 'the pause',
        resource: this.resource,
        read,
        changes: [{ path: '/spec/paused', ...(before === undefined ? {} : { before }), after: paused }],
        // What is changed in the meantime is rolled out once it is resumed.
        impact: this.impactOf(read, paused ? { hit: 0 } : {}),
      })
    })
  }
}

import { usageError } from '../../support/errors.ts'
import { changeFields } from '../actions/field-action.ts'
import type { Workload } from '../api/resources.ts'
import { tellReadiness } from '../watch/readiness.ts'
import { type RolloutActionOptions, WorkloadHandle } from './workload.ts'

/** A workload that has as many pods as its spec says. */
export class ReplicatedHandle<T extends Workload & { spec: { replicas: number } }> extends WorkloadHandle<T> {
  /**
   * Sets how many pods it is to have. It is undone by setting the number that it had.
   *
   * @example
   * await service2.scale(0)
   */
  async scale(replicas: number, options: RolloutActionOptions = {}): Promise<void> {
    if (!Number.isInteger(replicas) || replicas < 0) {
      throw usageError('CHAOS_BAD_REPLICAS', `scale: ${replicas} is not a number of pods. Say 0, 1, 2 …`)
    }
    await this.call('scale', async (client) => {
      const read = await this.read(client, 'scale')
      const before = read.spec.replicas
      if (before === replicas) {
        this.noteNothingToDo('scale', `${before} replicas`)
        return
      }
      this.refuseWhileRollingOut('scale', read, options)
      await tellReadiness(client, this.subject, read)
      await changeFields(client, {
        title: `scale ${this.subject} from ${before} to ${replicas}`,
        what: `the number of replicas (${before})`,
        resource: this.resource,
        read,
        changes: [{ path: '/spec/replicas', before, after: replicas }],
        impact: this.impactOf(read, { hit: Math.max(0, before - replicas), gradually: false }),
      })
    })
  }
}

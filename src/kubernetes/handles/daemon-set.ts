import type { DaemonSet } from '../api/resources.ts'
import { daemonSetKind } from '../watch/workload-kinds.ts'
import type { HandleOptions } from './handle.ts'
import { WorkloadHandle } from './workload.ts'

/** A daemon set of the target. */
export class DaemonSetHandle extends WorkloadHandle<DaemonSet> {
  constructor(name: string, options: HandleOptions = {}) {
    super(daemonSetKind, name, options)
  }
}

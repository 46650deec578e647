import type { HandleOptions } from './handle.ts'
import type { DaemonSet } from './resources.ts'
import { WorkloadHandle } from './workload.ts'
import { daemonSetKind } from './workload-kinds.ts'

/** A daemon set of the target. */
export class DaemonSetHandle extends WorkloadHandle<DaemonSet> {
  constructor(name: string, options: HandleOptions = {}) {
    super(daemonSetKind, name, options)
  }
}

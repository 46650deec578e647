import type { HandleOptions } from './handle.ts'
import { ReplicatedHandle } from './replicated.ts'
import type { StatefulSet } from './resources.ts'
import { statefulSetKind } from './workload-kinds.ts'

/** A stateful set of the target. */
export class StatefulSetHandle extends ReplicatedHandle<StatefulSet> {
  constructor(name: string, options: HandleOptions = {}) {
    super(statefulSetKind, name, options)
  }
}

import type { StatefulSet } from '../api/resources.ts'
import { statefulSetKind } from '../watch/workload-kinds.ts'
import type { HandleOptions } from './handle.ts'
import { ReplicatedHandle } from './replicated.ts'

/** A stateful set of the target. */
export class StatefulSetHandle extends ReplicatedHandle<StatefulSet> {
  constructor(name: string, options: HandleOptions = {}) {
    super(statefulSetKind, name, options)
  }
}

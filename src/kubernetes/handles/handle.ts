import { currentCluster } from '../../session/session.ts'
import type { Duration } from '../../support/quantities.ts'
import type { ObjectReference } from '../api/resources.ts'

export interface HandleOptions {
  /** The namespace; absent: that of the target. */
  namespace?: string
}

export interface WithinOptions {
  within: Duration
}

/** Which object a handle means, once a target is there. */
export function referenceOf(name: string, namespace: string | undefined): ObjectReference {
  return { namespace: namespace ?? currentCluster().namespace, name }
}

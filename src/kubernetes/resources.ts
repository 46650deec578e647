/**
 * What is read of Kubernetes' objects. They are kept as the API sends them, with all the fields that are not named here:
 * a pod template goes back whole.
 */

/** Which object of a kind. */
export interface ObjectReference {
  namespace: string
  name: string
}

export interface ObjectMeta extends ObjectReference {
  uid: string
  /** Counts the changes of the spec. */
  generation: number
}

export interface Deployment {
  metadata: ObjectMeta
  spec: DeploymentSpec
  status?: DeploymentCounts
}

export interface DeploymentSpec {
  replicas: number
  paused?: boolean
  progressDeadlineSeconds?: number
  strategy?: { type?: 'RollingUpdate' | 'Recreate' }
  template: PodTemplate
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: { containers: Container[] }
}

export interface Container {
  name: string
  image: string
}

/** Zeros are left out by the API. */
export interface DeploymentCounts {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  conditions?: Condition[]
}

export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}

/** A lock of `coordination.k8s.io/v1`. Its times are `MicroTime`s. */
export interface Lease {
  apiVersion: string
  kind: string
  metadata: ObjectReference & { resourceVersion?: string }
  spec: LeaseSpec
}

export interface LeaseSpec {
  /** Absent: nobody holds it. */
  holderIdentity?: string
  leaseDurationSeconds?: number
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

/** One step of a JSON patch (RFC 6902). */
export interface PatchOperation {
  op: 'add' | 'replace' | 'remove' | 'test'
  path: string
  /** Not of `remove`. */
  value?: unknown
}

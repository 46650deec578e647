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

/** What rolls out pods: what a deployment, a stateful set and a daemon set have in common. */
export interface Workload {
  metadata: ObjectMeta
  spec: WorkloadSpec
  status?: { observedGeneration?: number }
}

export interface WorkloadSpec {
  /** Only of deployments. */
  paused?: boolean
  progressDeadlineSeconds?: number
  selector: LabelSelector
  template: PodTemplate
}

export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelRequirement[]
}

export interface LabelRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

export interface Deployment extends Workload {
  spec: DeploymentSpec
  status?: DeploymentCounts
}

export interface DeploymentSpec extends WorkloadSpec {
  replicas: number
  strategy?: { type?: 'RollingUpdate' | 'Recreate' }
}

export interface StatefulSet extends Workload {
  spec: WorkloadSpec & {
    replicas: number
    updateStrategy?: { type?: UpdateStrategy; rollingUpdate?: { partition?: number } }
  }
  status?: DeploymentCounts & { currentRevision?: string; updateRevision?: string }
}

export interface DaemonSet extends Workload {
  spec: WorkloadSpec & { updateStrategy?: { type?: UpdateStrategy } }
  status?: {
    observedGeneration?: number
    desiredNumberScheduled?: number
    currentNumberScheduled?: number
    updatedNumberScheduled?: number
    numberReady?: number
    numberAvailable?: number
    conditions?: Condition[]
  }
}

/** `OnDelete`: a pod is of the new version when somebody has deleted the old one. */
export type UpdateStrategy = 'RollingUpdate' | 'OnDelete'

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: { containers: Container[] }
}

export interface Container {
  name: string
  image: string
  env?: EnvVariable[]
  resources?: Resources
}

export interface EnvVariable {
  name: string
  value?: string
  valueFrom?: object
}

/** What a container asks for and may use: `{ requests: { cpu: '100m' }, limits: { memory: '64Mi' } }`. */
export interface Resources {
  requests?: Record<string, string>
  limits?: Record<string, string>
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

export interface Pod {
  metadata: ObjectMeta &
    OwnedMeta & { labels?: Record<string, string>; creationTimestamp?: string; deletionTimestamp?: string }
  spec: { nodeName?: string; containers: Container[]; hostNetwork?: boolean; volumes?: PodVolume[] }
  status?: PodStatus
}

export interface PodVolume {
  name: string
  emptyDir?: object
}

export interface PodStatus {
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  phase?: string
  podIP?: string
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
}

export interface ContainerStatus {
  name: string
  image?: string
  imageID?: string
  ready?: boolean
  restartCount?: number
  state?: ContainerState
  /** How its run before ended. */
  lastState?: ContainerState
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string }
  terminated?: { exitCode: number; reason?: string }
}

export interface Node {
  metadata: { name: string; uid: string; labels?: Record<string, string> }
  spec?: { unschedulable?: boolean }
  status?: { addresses?: NodeAddress[]; conditions?: Condition[] }
}

export interface NodeAddress {
  type: string
  address: string
}

export interface ConfigMap {
  metadata: { namespace: string; name: string; uid: string }
  data?: Record<string, string>
}

/** Who answers for a service. */
export interface Endpoints {
  metadata: { name: string }
  subsets?: EndpointSubset[]
}

export interface EndpointSubset {
  addresses?: EndpointAddress[]
  notReadyAddresses?: EndpointAddress[]
}

export interface EndpointAddress {
  ip: string
  nodeName?: string
  targetRef?: { kind?: string; name?: string }
}

/** What Kubernetes says that happened, of either of its two APIs. */
export interface KubernetesEvent {
  involvedObject: { kind?: string; name?: string }
  type?: string
  reason?: string
  message?: string
  count?: number
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  eventTime?: string | null
  series?: { count?: number; lastObservedTime?: string }
}

/** A version of a deployment, as its controller keeps it. */
export interface ReplicaSet {
  metadata: ObjectMeta & OwnedMeta
  spec: { replicas: number; template: PodTemplate }
}

/** A version of a stateful set or a daemon set: what it changes in their spec. */
export interface ControllerRevision {
  metadata: ObjectMeta & OwnedMeta
  revision: number
  data?: { spec?: { template?: PodTemplate & { $patch?: string } } }
}

export interface OwnedMeta {
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
}

export interface OwnerReference {
  kind: string
  name: string
  uid: string
  controller?: boolean
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

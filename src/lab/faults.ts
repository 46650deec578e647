import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import type { Duration, Ratio } from '../support/quantities.ts'

/**
 * The faults of a lab, as data: each is an object `Fault` of `lab.chaos-test/v1`, in force from when the part that it
 * concerns has said so in its status until it is deleted. So whoever wants one creates it, and its undo is to delete it:
 * what is in force holds its object back by a finalizer, so that an object that is gone is a fault that has ended.
 *
 * A fault is of one of these.
 */
export interface FaultSpec {
  node?: NodeFault
  process?: ProcessFault
  traffic?: TrafficFault
  endpoints?: EndpointsFault
  names?: NamesFault
  apiServer?: ApiServerFault
}

/**
 * A node:
 * - `down`: its kubelet is silent and its pods' processes are killed;
 * - `cutOff`: its kubelet reaches the API server no more, and its pods run on.
 */
export interface NodeFault {
  /** The node's name. */
  name: string
  effect: 'down' | 'cutOff'
}

/**
 * The processes of a pod:
 * - `kill`: killed by SIGKILL, once; the kubelet starts them again as the pod's restart policy says;
 * - `hang`: stopped by SIGSTOP, until the fault ends or the kubelet ends them; those that it starts then run;
 * - `crashLoop`: killed each time that they have started; when the fault ends they start without waiting.
 */
export interface ProcessFault {
  /** @default 'default' */
  namespace?: string
  pod: string
  /** @default all of the pod's */
  container?: string
  effect: 'kill' | 'hang' | 'crashLoop'
}

/** The connections to services, old and new, on their way through the service proxy. */
export interface TrafficFault {
  /** Who calls: pods. @default everybody */
  from?: PodSet
  /** Who is called. */
  to: Called
  /** The other way as well (false): not where a service is called. */
  bothWays?: boolean
  /**
   * - `delay`: what the called says arrives later by `delay`, give or take `jitter`;
   * - `throttle`: what the called says arrives at no more than `bytesPerSecond`;
   * - `errors`: a request of HTTP/1.1 is answered `status` by the proxy, and the called hears nothing of it;
   * - `reset`: TCP resets;
   * - `blackHole`: nothing arrives any more, in either direction; what was sent arrives when the fault ends.
   */
  effect: 'delay' | 'throttle' | 'errors' | 'reset' | 'blackHole'
  /** How many are hit: of the requests by `errors`, of the connections by the others. @default '100%' */
  share?: Ratio
  delay?: Duration
  jitter?: Duration
  bytesPerSecond?: number
  status?: number
}

/** Pods: all of these conditions hold for each. */
export interface PodSet {
  /** @default 'default', or any where only a node is named */
  namespace?: string
  pods?: LabelSelector
  /** The node that they run on. */
  node?: string
}

/** A service, or pods by whatever service they are called. */
export interface Called extends PodSet {
  service?: string
}

/** The service proxy hears of no changes of the endpoints of a service. */
export interface EndpointsFault {
  /** @default 'default' */
  namespace?: string
  service: string
  effect: 'frozen'
}

/** The name of a service fails, as Node.js programs in pods look it up: `ENOTFOUND`, or `EAI_AGAIN` where nobody answers. */
export interface NamesFault {
  /** @default 'default' */
  namespace?: string
  service: string
  effect: 'notFound' | 'noAnswer'
}

/**
 * What the parts of the lab suffer from the API server, and nobody else:
 * - `delay`: answers come later by `delay`;
 * - `errors`: requests are refused with `status`;
 * - `dropWatches`: watches end, new ones when they have told what happened until then.
 */
export interface ApiServerFault {
  /** @default all of these */
  clients?: Array<'controllers' | 'kubelets' | 'proxy'>
  effect: 'delay' | 'errors' | 'dropWatches'
  /** How many requests, by `delay` and `errors`. @default '100%' */
  share?: Ratio
  delay?: Duration
  status?: number
}

export interface FaultStatus {
  /** `Active`: it is in force. `Failed`: it cannot be. */
  phase?: 'Active' | 'Failed'
  /** Why it cannot be. */
  message?: string
}

import type { PodSet } from '../../lab/index.ts'
import type { KubernetesClient } from '../api/client.ts'

/** Pods, by whatever names them: a workload, pods by their labels, or all that run on a node. */
export interface PodGroup {
  /**
   * What they are to a fault of the lab.
   *
   * @internal
   */
  podSet(client: KubernetesClient, tried: string): Promise<NamedPodSet>
}

export interface NamedPodSet {
  set: PodSet
  /** In words: `the pods of deployment/web`. */
  description: string
}

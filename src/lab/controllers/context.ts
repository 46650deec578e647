import type { Clock } from '../../support/clock.ts'
import type { ApiClient, EventRecorder, Informer, KubernetesObject, Resource, WorkQueue } from '../client/index.ts'

/** What a controller has at hand. */
export interface ControllerContext {
  client: ApiClient
  clock: Clock
  /** How long a node may be silent before it is held for lost. */
  nodeGraceMs: number
  /** Every kind that the server has and that can be listed, watched and deleted. */
  resources: readonly Resource<KubernetesObject>[]
  /** The informer of a kind, shared by all controllers. */
  informer<T extends KubernetesObject>(resource: Resource<T>): Informer<T>
  /** A queue that begins when all informers have synced. */
  queue(sync: (key: string) => Promise<void>): WorkQueue
  /** Writes events in the name of a component. */
  recorder(component: string): EventRecorder
}

/** Starts a controller: it hears of changes through informers, and brings one object at a time to where it should be. */
export type StartController = (context: ControllerContext) => void

/**
 * The controllers: programs that watch the API and write to it, so that what is becomes what was asked for.
 *
 * NOTICE: their behaviour is modelled on Kubernetes (Copyright The Kubernetes Authors, Apache-2.0), re-expressed and
 * not copied. Each part decides in pure functions; only the files named `controller.ts` speak to the API.
 */
import { type Clock, systemClock } from '../../support/clock.ts'
import type { ApiAccess } from '../client/access.ts'
import {
  ApiClient,
  discoverResources,
  type EventRecorder,
  eventRecorder,
  Informer,
  type KubernetesObject,
  type Resource,
  WorkQueue,
} from '../client/index.ts'
import { nodeGraceMs } from './constants.ts'
import type { ControllerContext, StartController } from './context.ts'
import { startDeploymentController } from './deployment/controller.ts'
import { startDisruptionController } from './disruption/controller.ts'
import { startEndpointsController } from './endpoints/controller.ts'
import { startEndpointSliceController } from './endpointslices/controller.ts'
import { startGarbageCollector } from './garbage/controller.ts'
import { startNamespaceController } from './namespaces.ts'
import { startNodeController } from './nodes/controller.ts'
import { startPodEvictor } from './nodes/evictor.ts'
import { startReplicaSetController } from './replicaset/controller.ts'
import { startScheduler } from './scheduler/controller.ts'

export interface ControllersOptions {
  clock?: Clock
  /** Which of them run (all): the others may be run by somebody else. */
  controllers?: readonly ControllerName[]
  /** How long a node may be silent before it is held for lost, in milliseconds (40,000, as Kubernetes). */
  nodeGraceMs?: number
  /** Told of each sync that failed; it is repeated. Conflicts are normal: two writers met. */
  onError?: (key: string, error: unknown) => void
}

export interface Controllers {
  /** Resolves when nothing is written any more. */
  stop(): Promise<void>
}

/** Each by its name in Kubernetes' controller manager; the scheduler, a program of its own there, by its own. */
const starters = {
  deployment: [startDeploymentController],
  replicaset: [startReplicaSetController],
  endpoint: [startEndpointsController],
  endpointslice: [startEndpointSliceController],
  scheduler: [startScheduler],
  garbagecollector: [startGarbageCollector],
  namespace: [startNamespaceController],
  disruption: [startDisruptionController],
  nodelifecycle: [startNodeController, startPodEvictor],
} satisfies Record<string, readonly StartController[]>

export type ControllerName = keyof typeof starters

export const allControllers = Object.keys(starters) as readonly ControllerName[]

/** Starts the controllers. Resolves when they know what there is and have begun. */
export async function startControllers(access: ApiAccess, options: ControllersOptions = {}): Promise<Controllers> {
  const client = new ApiClient(access, 'kube-controller-manager')
  const { clock = systemClock, controllers = allControllers } = options
  const informers = new Map<string, Following>()
  const queues: WorkQueue[] = []
  const recorders: EventRecorder[] = []
  const begun = Promise.withResolvers<void>()

  const context: ControllerContext = {
    client,
    clock,
    nodeGraceMs: options.nodeGraceMs ?? nodeGraceMs,
    resources: await discoverResources(client),
    informer: (resource) => sharedInformer(informers, client, resource, clock),
    queue(sync) {
      const queue = new WorkQueue((key) => begun.promise.then(() => sync(key)), options)
      queues.push(queue)
      return queue
    },
    recorder(component) {
      const recorder = eventRecorder(client, component, { clock })
      recorders.push(recorder)
      return recorder
    },
  }

  for (const start of controllers.flatMap((name): readonly StartController[] => starters[name])) start(context)
  for (const informer of informers.values()) informer.start()
  await Promise.all([...informers.values()].map(({ synced }) => synced))
  begun.resolve()

  return {
    async stop() {
      await Promise.all([...informers.values()].map((informer) => informer.stop()))
      await Promise.all(queues.map((queue) => queue.stop()))
      await Promise.all(recorders.map((recorder) => recorder.flush()))
      client.close()
    },
  }
}

/** An informer of whatever kind. */
type Following = Pick<Informer<KubernetesObject>, 'start' | 'stop' | 'synced'>

function sharedInformer<T extends KubernetesObject>(
  informers: Map<string, Following>,
  client: ApiClient,
  resource: Resource<T>,
  clock: Clock,
): Informer<T> {
  const key = `${resource.apiVersion}/${resource.plural}`
  const shared = informers.get(key) ?? new Informer(client, resource, { clock })
  informers.set(key, shared)
  return shared as Informer<T>
}

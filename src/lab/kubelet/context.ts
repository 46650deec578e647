import type { Service } from 'kubernetes-types/core/v1.d.ts'
import type { Clock } from '../../support/clock.ts'
import type { ApiClient, EventRecorder } from '../client/index.ts'
import type { ImageCatalogue } from '../images.ts'
import type { LagMeter } from './lag.ts'
import type { Launcher } from './launcher.ts'
import type { KubeletTimings } from './timings.ts'

/** What all pods of a node share. */
export interface NodeContext {
  client: ApiClient
  clock: Clock
  timings: KubeletTimings
  nodeName: string
  /** The node's address as the API shows it. */
  nodeIP: string
  images: ImageCatalogue
  /** The working directory of the pods' processes. */
  root: string
  /** The lab's private folder. */
  home: string
  /** Variables for every container: they win over those of its image, and lose to its own. */
  environment: Readonly<Record<string, string>>
  /** The API server, as pods find it. */
  apiServer: Service
  /** `address:port` that Node processes keep a connection to, to end with the lab. */
  lifeline: string
  /** The port of the node at which the logs of its pods can be read. */
  logPort: number
  launcher: Launcher
  recorder: EventRecorder
  lag: LagMeter
}

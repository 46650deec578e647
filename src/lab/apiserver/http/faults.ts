import type { ServerResponse } from 'node:http'
import { toFraction, toMilliseconds } from '../../../support/quantities.ts'
import type { ApiServerFault, FaultSpec } from '../../faults.ts'
import { faults } from '../resources/faults.ts'
import type { Cluster } from '../resources/resource.ts'
import { StatusError, tooManyRequests } from '../status.ts'
import type { ApiRequest } from './request.ts'

/** What the parts of a lab call themselves. Nobody else suffers: not who undoes a fault, nor a person with kubectl. */
const parts: Record<NonNullable<ApiServerFault['clients']>[number], string> = {
  controllers: 'kube-controller-manager',
  kubelets: 'kubelet',
  proxy: 'kube-proxy',
}

/** What the requests of the lab's own parts suffer from the API server, by the faults that there are. */
export class ApiFaults {
  readonly #cluster: Cluster
  readonly #watches = new Map<ServerResponse, ApiRequest>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    cluster.store.subscribe(faults, () => this.#endWatches())
  }

  /**
   * Has a request suffer. Those about faults themselves do not: else none would end.
   *
   * @throws StatusError as the request is answered
   */
  async suffer(request: ApiRequest, response: ServerResponse): Promise<void> {
    if (isExempt(request)) return
    for (const { spec } of this.#inForce()) {
      if (isCutOff(spec, request)) {
        response.destroy()
        return
      }
      const fault = spec.apiServer
      if (!fault || !isClient(fault, request) || Math.random() >= toFraction(fault.share ?? 1)) continue
      if (fault.effect === 'delay') await this.#cluster.clock.sleep(toMilliseconds(fault.delay ?? 0))
      if (fault.effect === 'errors') throw refusal(fault.status ?? 500)
    }
  }

  /** Ends a watch that has begun, as soon as a fault says so. */
  follow(request: ApiRequest, response: ServerResponse): void {
    if (isExempt(request)) return
    this.#watches.set(response, request)
    response.once('close', () => this.#watches.delete(response))
    this.#endWatches()
  }

  #endWatches(): void {
    const inForce = this.#inForce()
    if (inForce.length === 0) return
    for (const [response, request] of this.#watches) {
      if (inForce.some(({ spec }) => isCutOff(spec, request))) response.destroy()
      else if (inForce.some(({ spec }) => dropsWatches(spec, request))) response.end()
    }
  }

  #inForce() {
    return this.#cluster.store.list(faults).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }
}

function isExempt({ path }: ApiRequest): boolean {
  return path.startsWith(`/apis/${faults.group}/`)
}

/** Whether the kubelet of the node asks. */
function isCutOff({ node }: FaultSpec, { userAgent }: ApiRequest): boolean {
  return node?.effect === 'cutOff' && userAgent === `${parts.kubelets}/${node.name}`
}

function dropsWatches({ apiServer }: FaultSpec, request: ApiRequest): boolean {
  return apiServer?.effect === 'dropWatches' && isClient(apiServer, request)
}

function isClient(
  { clients = ['controllers', 'kubelets', 'proxy'] }: ApiServerFault,
  { userAgent }: ApiRequest,
): boolean {
  return clients.some((client) => userAgent.split('/')[0] === parts[client])
}

function refusal(status: number): StatusError {
  const message = 'a fault of the lab'
  return status === 429 ? tooManyRequests(message) : new StatusError(status, 'InternalError', message, {})
}

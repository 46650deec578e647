import type { ApiServerFault } from '../../lab/index.ts'
import {
  type Duration,
  formatFraction,
  formatMilliseconds,
  type Ratio,
  toFraction,
  toMilliseconds,
} from '../../support/quantities.ts'
import { bringAbout, requireLab } from '../actions/lab-faults.ts'
import { call } from '../api/call.ts'

/** Whose requests to the API server suffer. */
export interface ApiServerFaultOptions {
  /** @default all of them */
  of?: NonNullable<ApiServerFault['clients']>
}

/**
 * The API server of a lab, as its controllers, kubelets and service proxy find it. Nobody else suffers what is done to it:
 * neither a spec and its undo, nor a person with kubectl. Every method throws `CHAOS_LAB_ONLY` on a cluster.
 */
export class ApiServerHandle {
  /** Has answers come later. */
  async delay(delay: Duration, options: ApiServerFaultOptions = {}): Promise<void> {
    const title = `delay answers of the API server by ${formatMilliseconds(toMilliseconds(delay))}`
    await this.#bringAbout('delay', title, { effect: 'delay', delay }, options)
  }

  /**
   * Has requests refused.
   *
   * @example
   * await kubernetes.apiServer().errors({ status: 429, share: '50%', of: ['controllers'] })
   */
  async errors({
    status = 500,
    share = 1,
    ...options
  }: ApiServerFaultOptions & { status?: number; share?: Ratio } = {}): Promise<void> {
    const fraction = toFraction(share)
    const title = `have the API server refuse requests with ${status}${fraction === 1 ? '' : ` (${formatFraction(fraction)})`}`
    await this.#bringAbout('errors', title, { effect: 'errors', status, share }, options)
  }

  /** Ends watches: those that are there, and each new one when it has told what happened until then. */
  async dropWatches(options: ApiServerFaultOptions = {}): Promise<void> {
    await this.#bringAbout('dropWatches', 'drop the watches of the API server', { effect: 'dropWatches' }, options)
  }

  async #bringAbout(
    tried: string,
    title: string,
    fault: Omit<ApiServerFault, 'clients'>,
    { of }: ApiServerFaultOptions,
  ): Promise<void> {
    await call(`${tried} of the API server`, {}, async (client) => {
      await requireLab(client, tried)
      const whose = of === undefined ? '' : ` for the ${of.join(' and the ')}`
      const specs = [{ apiServer: { ...fault, ...(of === undefined ? {} : { clients: of }) } }]
      await bringAbout(client, { title: `${title}${whose}`, specs, impact: { objects: [] } })
    })
  }
}

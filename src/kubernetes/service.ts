import type { V1Service, V1ServicePort } from '@kubernetes/client-node'
import { ChaosError } from '../support/errors.ts'
import { endpoints, services } from './api-resources.ts'
import { type CallSpan, call } from './call.ts'
import type { KubernetesClient } from './client.ts'
import { type HandleOptions, referenceOf } from './handle.ts'
import { checkName, noSuch } from './names.ts'
import type { EndpointAddress, ObjectReference } from './resources.ts'
import { findAddress } from './service-address.ts'

/** A URL that is looked up when it is needed: what `traffic` calls. */
export interface UrlReference {
  /** How people call it: `service/service1`. */
  readonly description: string
  resolve(): Promise<string>
}

/** Who answers for a service. */
export interface ServiceEndpoints {
  ready: string[]
  notReady: string[]
}

export interface UrlOptions {
  /** The name or the number of a port; absent: the first. */
  port?: string | number
}

/** A service of the target: a description, until its URL is resolved in a hook or a hypothesis. */
export class ServiceHandle {
  readonly name: string
  readonly #namespace: string | undefined

  constructor(name: string, options: HandleOptions = {}) {
    this.name = checkName('service', name)
    this.#namespace = options.namespace
  }

  /**
   * The URL of a path of the service, as this machine reaches it. It is `https` where the port says so: by its name, its
   * `appProtocol`, or the number 443.
   *
   * `resolve()` throws `CHAOS_NO_SUCH_SERVICE`, `CHAOS_NO_SUCH_PORT`, `CHAOS_SERVICE_UNREACHABLE`, and what any request
   * to the API throws.
   *
   * @example
   * const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })
   */
  url(path = '/', options: UrlOptions = {}): UrlReference {
    return { description: `service/${this.name}`, resolve: () => this.#resolve(path, options) }
  }

  /**
   * Who answers for it, by the names of the pods (or the addresses, where it is no pod): those that are ready, and those
   * that are not.
   *
   * @throws CHAOS_NO_SUCH_SERVICE
   */
  async endpoints(): Promise<ServiceEndpoints> {
    return await this.#call('service endpoints', async (client, reference) => {
      await findService(client, reference, 'endpoints')
      const subsets = (await client.find(endpoints, reference))?.subsets ?? []
      const namesOf = (addresses: EndpointAddress[] = []) => addresses.map(({ ip, targetRef }) => targetRef?.name ?? ip)
      return {
        ready: subsets.flatMap(({ addresses }) => namesOf(addresses)).sort(),
        notReady: subsets.flatMap(({ notReadyAddresses }) => namesOf(notReadyAddresses)).sort(),
      }
    })
  }

  async #call<T>(
    name: string,
    work: (client: KubernetesClient, reference: ObjectReference, span: CallSpan) => Promise<T>,
  ): Promise<T> {
    const reference = referenceOf(this.name, this.#namespace)
    const attributes = { 'k8s.namespace.name': reference.namespace, 'k8s.service.name': this.name }
    return await call(name, attributes, async (client, span) => work(client, reference, span))
  }

  async #resolve(path: string, options: UrlOptions): Promise<string> {
    return await this.#call('service url', async (client, reference, span) => {
      const service = await findService(client, reference)
      const port = portOf(service, reference, options)
      const address = await findAddress(client, reference, service, port)
      const host = address.host.includes(':') ? `[${address.host}]` : address.host
      const url = new URL(path, `${schemeOf(port)}://${host}:${address.port}/`).href
      span.setAttributes({ 'url.full': url })
      return url
    })
  }
}

async function findService(client: KubernetesClient, reference: ObjectReference, tried = 'url'): Promise<V1Service> {
  const service = await client.find(services, reference)
  if (service) return service
  throw await noSuch('service', tried, reference, async () =>
    (await client.list(services, { namespace: reference.namespace })).items.map(({ metadata }) => metadata?.name ?? ''),
  )
}

function portOf(service: V1Service, { name }: ObjectReference, { port }: UrlOptions): V1ServicePort {
  const ports = service.spec?.ports ?? []
  const found = port === undefined ? ports[0] : ports.find((each) => each.name === port || each.port === port)
  if (found) return found
  const asked = port === undefined ? 'no port' : `no port "${port}"`
  const names = ports.map((each) => (each.name ? `${each.name} (${each.port})` : String(each.port)))
  throw new ChaosError(
    'CHAOS_NO_SUCH_PORT',
    `url: service/${name} has ${asked}. It has: ${names.join(', ') || 'none'}.`,
  )
}

function schemeOf({ name, appProtocol, port }: V1ServicePort): 'http' | 'https' {
  return name === 'https' || appProtocol === 'https' || port === 443 ? 'https' : 'http'
}

import type { V1Service, V1ServicePort } from '@kubernetes/client-node'
import { currentSession } from '../session/session.ts'
import { ChaosError } from '../support/errors.ts'
import { services } from './api-resources.ts'
import { connect, type KubernetesClient } from './client.ts'
import type { HandleOptions } from './handle.ts'
import { checkName, noSuch } from './names.ts'
import type { ObjectReference } from './resources.ts'
import { findAddress } from './service-address.ts'

/** A URL that is looked up when it is needed: what `traffic` calls. */
export interface UrlReference {
  /** How people call it: `service/service1`. */
  readonly description: string
  resolve(): Promise<string>
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

  async #resolve(path: string, options: UrlOptions): Promise<string> {
    const { target, tracer, signal } = currentSession()
    const reference = { namespace: this.#namespace ?? target.namespace, name: this.name }
    const attributes = { 'k8s.namespace.name': reference.namespace, 'k8s.service.name': this.name }
    return await tracer.span('kubernetes service url', attributes, async (span) => {
      const client = await connect(target, signal())
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

async function findService(client: KubernetesClient, reference: ObjectReference): Promise<V1Service> {
  const service = await client.find(services, reference)
  if (service) return service
  throw await noSuch('service', 'url', reference, async () =>
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

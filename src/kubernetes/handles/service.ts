import type { V1Service, V1ServicePort } from '@kubernetes/client-node'
import { ChaosError, usageError } from '../../support/errors.ts'
import type { ByteRate, Duration } from '../../support/quantities.ts'
import { changeFields } from '../actions/field-action.ts'
import { requireLab } from '../actions/lab-faults.ts'
import {
  type DelayOptions,
  disturbService,
  type ErrorsOptions,
  freezeEndpoints,
  type HitService,
  loseName,
  notHttp,
  type TrafficEffect,
  type TrafficFaultOptions,
  trafficEffects,
} from '../actions/service-faults.ts'
import { endpoints, services } from '../api/api-resources.ts'
import { type CallSpan, call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { checkName, formatSelector, noSuch, wordsOf } from '../api/names.ts'
import type { EndpointAddress, ObjectReference } from '../api/resources.ts'
import type { Share } from '../changes/impact.ts'
import { watchPodsOf } from '../watch/pods-now.ts'
import { tellEndpoints } from '../watch/readiness.ts'
import { type HandleOptions, referenceOf } from './handle.ts'
import { findAddress } from './service-address.ts'
import { type ReachedUrl, throughApiServer } from './service-proxy.ts'

/** A URL that is looked up when it is needed: what `traffic` calls. */
export interface UrlReference {
  /** How people call it: `service/service1`. */
  readonly description: string
  resolve(): Promise<string>
  /** As `resolve`, and where nothing else reaches the service, through the API server: with what that takes. */
  reach(): Promise<ReachedUrl>
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
   * `appProtocol`, or the number 443. Users call it by its cluster IP, else by a node port, else through the API server.
   *
   * `resolve()` throws `CHAOS_NO_SUCH_SERVICE`, `CHAOS_NO_SUCH_PORT`, `CHAOS_SERVICE_UNREACHABLE`, and what any request
   * to the API throws.
   *
   * @example
   * const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })
   */
  url(path = '/', options: UrlOptions = {}): UrlReference {
    return {
      description: `service/${this.name}`,
      resolve: async () => (await this.#reach(path, options, false)).url,
      reach: () => this.#reach(path, options, true),
    }
  }

  /**
   * Sends its users to other pods: those that have these labels. It is undone by the selector that it had.
   *
   * @throws CHAOS_BAD_SELECTOR (usage) when it is empty
   */
  async setSelector(selector: Record<string, string>): Promise<void> {
    if (Object.keys(selector).length === 0) {
      throw usageError(
        'CHAOS_BAD_SELECTOR',
        'setSelector: Kubernetes leaves the endpoints of a service without a selector as they are, so emptying it would do nothing. To leave users without an answer, use disconnect().',
      )
    }
    const labels = formatSelector({ matchLabels: selector })
    await this.#select('setSelector', `set the selector of service/${this.name} to ${labels}`, selector)
  }

  /**
   * Leaves its users without an answer: no pod belongs to it any more, and all of them run on. It is undone by the
   * selector that it had.
   *
   * @example
   * await kubernetes.service('service2').disconnect()
   */
  async disconnect(): Promise<void> {
    await this.#select('disconnect', `disconnect service/${this.name} from its pods`, { [nobody]: 'true' })
  }

  /**
   * Has every answer come later, on connections that are there and on new ones. Only in a lab, as all faults of traffic;
   * the rollback ends it.
   *
   * @throws CHAOS_LAB_ONLY on a cluster, as each of them
   *
   * @example
   * await kubernetes.service('service2').delay('300ms', { jitter: '50ms', from: kubernetes.deployment('service1') })
   */
  async delay(delay: Duration, { jitter, ...options }: DelayOptions = {}): Promise<void> {
    await this.#disturb(trafficEffects.delay(delay, jitter), options)
  }

  /** Has answers arrive at no more than a rate (`'20kB/s'`), each connection for itself. Only in a lab. */
  async throttle(rate: ByteRate, options: TrafficFaultOptions = {}): Promise<void> {
    await this.#disturb(trafficEffects.throttle(rate), options)
  }

  /**
   * Has requests of HTTP/1.1 answered with an error, before any pod sees them; the connection ends with it. Only in a lab.
   *
   * @throws CHAOS_NOT_HTTP when the service speaks https
   *
   * @example
   * await kubernetes.service('service2').errors({ status: 503, share: '20%' })
   */
  async errors({ status = 503, ...options }: ErrorsOptions = {}): Promise<void> {
    await this.#disturb(trafficEffects.errors(status), options)
  }

  /** Has connections end by a TCP reset: those that are there, and every new one. Only in a lab. */
  async reset(options: TrafficFaultOptions = {}): Promise<void> {
    await this.#disturb(trafficEffects.reset(), options)
  }

  /** Has nothing arrive any more, in either direction, on connections that are there and on new ones. Only in a lab. */
  async blackHole(options: TrafficFaultOptions = {}): Promise<void> {
    await this.#disturb(trafficEffects.blackHole(), options)
  }

  /**
   * Has the network hear of no changes of who answers: it goes on to lead users to pods that are gone, and to no new
   * one. Only in a lab.
   */
  async freezeEndpoints(): Promise<void> {
    await this.#fault('freezeEndpoints', freezeEndpoints)
  }

  /**
   * Has its name fail for the Node.js programs of all pods: it is not found (`ENOTFOUND`), or, with `as: 'noAnswer'`,
   * nobody answers who knows it (`EAI_AGAIN`). Connections that are there stay. Only in a lab.
   */
  async loseName({ as = 'notFound' }: { as?: 'notFound' | 'noAnswer' } = {}): Promise<void> {
    await this.#fault('loseName', (client, hit) => loseName(client, hit, as))
  }

  async #disturb(effect: TrafficEffect, options: TrafficFaultOptions): Promise<void> {
    await this.#fault(effect.effect, async (client, hit, service) => {
      const ports = service.spec?.ports ?? []
      if (effect.effect === 'errors' && ports.every((port) => schemeOf(port) === 'https')) throw notHttp(this.name)
      await disturbService(client, hit, effect, options)
    })
  }

  /** A fault of the lab, which hits the pods that answer. */
  async #fault(
    tried: string,
    bringAbout: (client: KubernetesClient, hit: HitService, service: V1Service) => Promise<void>,
  ): Promise<void> {
    await this.#call(`${wordsOf(tried)} of service`, async (client, reference) => {
      await requireLab(client, tried)
      const service = await findService(client, reference, tried)
      const pods = sharedBy(this.name, await endpointsOf(client, reference))
      await bringAbout(client, { reference, impact: { objects: [{ kind: 'service', ...reference }], pods } }, service)
    })
  }

  async #select(tried: string, title: string, selector: Record<string, string>): Promise<void> {
    await this.#call(wordsOf(tried), async (client, reference) => {
      const read = await findService(client, reference, tried)
      const before = read.spec?.selector
      if (before === undefined || Object.keys(before).length === 0) throw withoutSelector(tried, this.name)
      const pods = sharedBy(this.name, await endpointsOf(client, reference))
      await changeFields(client, {
        title,
        what: 'the selector',
        resource: services,
        read: { ...read, metadata: { ...reference, uid: read.metadata?.uid ?? '' } },
        changes: [{ path: '/spec/selector', before, after: selector }],
        impact: { objects: [{ kind: 'service', ...reference }], pods },
      })
    })
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
      return await endpointsOf(client, reference)
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

  /** Users are also told of by who answers for them, and let through the API server where nothing else is. */
  async #reach(path: string, options: UrlOptions, byUsers: boolean): Promise<ReachedUrl> {
    return await this.#call('service url', async (client, reference, span) => {
      const service = await findService(client, reference)
      if (byUsers) await tellEndpoints(client, reference)
      const port = portOf(service, reference, options)
      const scheme = schemeOf(port)
      const reached = await directly(client, reference, service, port, path).catch(async (error: unknown) => {
        if (!byUsers || !hasCode(error, 'CHAOS_SERVICE_UNREACHABLE')) throw error
        const proxied = await throughApiServer(client, reference, { scheme, port: port.port, path })
        if (!proxied) throw error
        return proxied
      })
      const by = reached.by === undefined ? {} : { 'chaos_test.reached_by': reached.by }
      span.setAttributes({ 'url.full': reached.url, ...by })
      return { ...reached, ...watchPodsOf(client.target, reference.namespace, service.spec?.selector) }
    })
  }
}

async function directly(
  client: KubernetesClient,
  reference: ObjectReference,
  service: V1Service,
  port: V1ServicePort,
  path: string,
): Promise<ReachedUrl> {
  const { host, port: number, by } = await findAddress(client, reference, service, port)
  const origin = `${schemeOf(port)}://${host.includes(':') ? `[${host}]` : host}:${number}/`
  return { url: new URL(path, origin).href, ...(by === undefined ? {} : { by }) }
}

/** All pods of a service. */
function sharedBy(name: string, { ready, notReady }: ServiceEndpoints): Share {
  const names = [...ready, ...notReady]
  return { hit: names.length, of: names.length, among: `the pods of service/${name}`, names }
}

async function endpointsOf(client: KubernetesClient, reference: ObjectReference): Promise<ServiceEndpoints> {
  const subsets = (await client.find(endpoints, reference))?.subsets ?? []
  const namesOf = (addresses: EndpointAddress[] = []) => addresses.map(({ ip, targetRef }) => targetRef?.name ?? ip)
  return {
    ready: subsets.flatMap(({ addresses }) => namesOf(addresses)).sort(),
    notReady: subsets.flatMap(({ notReadyAddresses }) => namesOf(notReadyAddresses)).sort(),
  }
}

/** A label that no pod has. */
const nobody = 'chaos-test/nobody'

function withoutSelector(tried: string, name: string): ChaosError {
  return new ChaosError(
    'CHAOS_BAD_SELECTOR',
    `${tried}: service/${name} has no selector: somebody else tells it who answers, so it cannot be changed by one.`,
  )
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

/** What a port speaks: `https` where it says so. */
export function schemeOf({ name, appProtocol, port }: V1ServicePort): 'http' | 'https' {
  return name === 'https' || appProtocol === 'https' || port === 443 ? 'https' : 'http'
}

import type { V1Ingress, V1IngressRule } from '@kubernetes/client-node'
import { ChaosError, usageError } from '../../support/errors.ts'
import { type ApiResource, services } from '../api/api-resources.ts'
import { call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { checkName, noSuch } from '../api/names.ts'
import type { ObjectReference } from '../api/resources.ts'
import { watchPodsOf } from '../watch/pods-now.ts'
import { type HandleOptions, referenceOf } from './handle.ts'
import type { UrlReference } from './service.ts'
import type { ReachedUrl } from './service-proxy.ts'

const ingresses: ApiResource<V1Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
}

export interface IngressUrlOptions {
  /** The host of one of its rules; absent: that of the first. Needed where that is a wildcard. */
  host?: string
  /** Where its controller listens, if it is not 80 or 443. */
  port?: number
}

/** An ingress of the target: how users come in from outside. A description, until its URL is resolved. */
export class IngressHandle {
  readonly name: string
  readonly #namespace: string | undefined

  constructor(name: string, options: HandleOptions = {}) {
    this.name = checkName('ingress', name)
    this.#namespace = options.namespace
  }

  /**
   * The URL of a path of the ingress, as its users write it: `https` where it has a certificate for the host. Users of
   * `traffic` connect to the address in its status, so that the host need not be in the DNS.
   *
   * `resolve()` throws `CHAOS_NO_SUCH_INGRESS`, `CHAOS_NO_SUCH_HOST`, `CHAOS_INGRESS_UNREACHABLE`, and what any request
   * to the API throws.
   *
   * @example
   * const users = traffic({ url: kubernetes.ingress('shop').url('/cart'), rate: '10/s' })
   */
  url(path = '/', options: IngressUrlOptions = {}): UrlReference {
    const reach = () => this.#reach(path, options)
    return { description: `ingress/${this.name}`, resolve: async () => (await reach()).url, reach }
  }

  async #reach(path: string, options: IngressUrlOptions): Promise<ReachedUrl> {
    const reference = referenceOf(this.name, this.#namespace)
    const attributes = { 'k8s.namespace.name': reference.namespace, 'k8s.ingress.name': this.name }
    return await call('ingress url', attributes, async (client, span) => {
      const ingress = await findIngress(client, reference)
      const rule = ruleOf(ingress, reference, options.host)
      const address = addressOf(ingress, reference)
      const host = options.host ?? rule?.host
      const url = urlOf({ host: host ?? address, isSecure: isSecure(ingress, host), port: options.port, path })
      span.setAttributes({ 'url.full': url, 'chaos_test.reached_by': 'ingress' })
      const service = await serviceBehind(client, reference, ingress, rule, path)
      return {
        ...{ url, by: 'ingress' },
        ...(host === undefined ? {} : { address }),
        ...(service ? watchPodsOf(client.target, reference.namespace, service.spec?.selector) : {}),
      }
    })
  }
}

async function findIngress(client: KubernetesClient, reference: ObjectReference): Promise<V1Ingress> {
  const ingress = await client.find(ingresses, reference)
  if (ingress) return ingress
  throw await noSuch('ingress', 'url', reference, async () =>
    (await client.list(ingresses, { namespace: reference.namespace })).items.map(
      ({ metadata }) => metadata?.name ?? '',
    ),
  )
}

/** The rule for a host; undefined where only the default backend answers. */
function ruleOf({ spec }: V1Ingress, { name }: ObjectReference, host: string | undefined): V1IngressRule | undefined {
  const rules = spec?.rules ?? []
  if (host === undefined) {
    if (!rules[0]?.host?.startsWith('*')) return rules[0]
    throw usageError(
      'CHAOS_NO_SUCH_HOST',
      `url: ingress/${name} is for ${rules[0].host}. Say which host users call: url('/', { host: 'shop${rules[0].host.slice(1)}' }).`,
    )
  }
  const rule = rules.find((each) => each.host === host) ?? rules.find((each) => isFor(each.host, host))
  if (rule || spec?.defaultBackend) return rule
  const hosts = rules.map((each) => each.host ?? 'any').join(', ')
  throw new ChaosError(
    'CHAOS_NO_SUCH_HOST',
    `url: ingress/${name} has no rule for the host "${host}". It has rules for: ${hosts || 'none'}.`,
  )
}

/** A wildcard stands for one label. */
function isFor(pattern: string | undefined, host: string): boolean {
  if (pattern === undefined) return true
  return pattern.startsWith('*.') && host.slice(host.indexOf('.')) === pattern.slice(1)
}

function addressOf({ status }: V1Ingress, { name, namespace }: ObjectReference): string {
  const [first] = status?.loadBalancer?.ingress ?? []
  const address = first?.ip ?? first?.hostname
  if (address !== undefined) return address
  throw new ChaosError(
    'CHAOS_INGRESS_UNREACHABLE',
    `ingress/${name} in namespace "${namespace}" has no address in its status. Either no controller serves it, or its controller publishes none: then call it by its URL.`,
  )
}

/** A certificate without hosts is for all of them. */
function isSecure({ spec }: V1Ingress, host: string | undefined): boolean {
  return (spec?.tls ?? []).some(({ hosts = [] }) => {
    return hosts.length === 0 || (host !== undefined && hosts.some((each) => each === host || isFor(each, host)))
  })
}

function urlOf({
  host,
  isSecure,
  port,
  path,
}: {
  host: string
  isSecure: boolean
  port: number | undefined
  path: string
}) {
  const url = new URL(path, `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}/`)
  if (port !== undefined) url.port = String(port)
  return url.href
}

/** Whose pods answer for a path: the backend of the longest path of the rule that it begins with. */
async function serviceBehind(
  client: KubernetesClient,
  { namespace }: ObjectReference,
  { spec }: V1Ingress,
  rule: V1IngressRule | undefined,
  path: string,
) {
  const paths = (rule?.http?.paths ?? []).filter(({ path: prefix = '/' }) => path.startsWith(prefix))
  const [longest] = paths.sort((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0))
  const name = (longest?.backend ?? spec?.defaultBackend)?.service?.name
  return name === undefined ? undefined : await client.find(services, { namespace, name })
}

import type { RequestOptions } from 'node:https'
import { services } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { permissionsTo, requirePermissions } from '../api/permissions.ts'
import type { ObjectReference } from '../api/resources.ts'
import type { PodsNow } from '../watch/pods-now.ts'

/** A URL, and all that it takes to call it. */
export interface ReachedUrl {
  url: string
  /** The way to it, for people; absent in a lab, where there is only one. */
  by?: string
  /** What is connected to in the place of the URL's host: an IP address, or a name. */
  address?: string
  /** What stands before the path of each request. */
  pathPrefix?: string
  /** What lets the API server in on who calls: never shown. */
  headers?: Record<string, string>
  tls?: ServiceProxyTls
  /** Whether the API server answers where the service does not. */
  throughProxy?: boolean
  /** Looks at the pods behind it until the signal aborts. */
  watchPods?(signal: AbortSignal): Promise<PodsNow>
}

export interface ServiceProxyTls {
  ca?: string
  cert?: string
  key?: string
  passphrase?: string
  servername?: string
  rejectUnauthorized?: boolean
}

/**
 * The last way to a service: through the API server, which asks it in our place. It needs credentials, and where the
 * service refuses or resets a connection, users see an answer of the API server.
 *
 * @returns undefined where the API server itself is only reached through a proxy
 * @throws CHAOS_FORBIDDEN without the permission to `get` `services/proxy`
 */
export async function throughApiServer(
  client: KubernetesClient,
  reference: ObjectReference,
  { scheme, port, path }: { scheme: string; port: number; path: string },
): Promise<ReachedUrl | undefined> {
  const { namespace, name } = reference
  const cluster = client.kubeconfig.getCurrentCluster()
  if (!cluster || cluster.proxyUrl) return undefined
  await requirePermissions(client, permissionsTo(['get'], services, { namespace, name, subresource: 'proxy' }))

  const service = `/api/v1/namespaces/${namespace}/services/${scheme}:${name}:${port}/proxy`
  const server = new URL(cluster.server)
  const pathPrefix = server.pathname.replace(/\/+$/, '') + service
  const options: RequestOptions = { headers: {} }
  await client.kubeconfig.applyToHTTPSOptions(options)
  return {
    url: new URL(pathPrefix + (path.startsWith('/') ? path : `/${path}`), server).href,
    by: 'service proxy of the API server',
    pathPrefix,
    headers: { ...headersOf(options), ...basicAuth(options.auth) },
    tls: tlsOf(options),
    throughProxy: true,
  }
}

function headersOf({ headers = {} }: RequestOptions): Record<string, string> {
  const entries = Array.isArray(headers) ? [] : Object.entries(headers)
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))
}

function basicAuth(auth: string | null | undefined): Record<string, string> {
  return auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
}

function tlsOf({ ca, cert, key, passphrase, servername, rejectUnauthorized }: RequestOptions): ServiceProxyTls {
  return {
    ...(ca ? { ca: String(ca) } : {}),
    ...(cert ? { cert: String(cert) } : {}),
    ...(key ? { key: String(key) } : {}),
    ...(passphrase ? { passphrase } : {}),
    ...(servername ? { servername } : {}),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  }
}

import type { PodSighting } from '../journal/events.ts'
import { usageError } from '../support/errors.ts'
import type { TlsOptions } from './connections.ts'

/** The address of something that is looked up when the users start to call it, such as a service of a cluster. */
export interface UrlReference {
  /** How people call it: `service/service1`. */
  readonly description: string
  resolve(): Promise<string>
  /** As `resolve`, for one that may need more than a URL to be called. */
  reach?(): Promise<ReachedUrl>
}

/** A URL, and how it was found: what is needed to call it stays out of logs and traces. */
export interface ReachedUrl {
  url: string
  /** The way to it, for people: `cluster IP`, `node port`, `service proxy of the API server`. */
  by?: string
  /** What is connected to in the place of the URL's host: an IP address, or a name. */
  address?: string
  /** What stands before the path of each request. @default '' */
  pathPrefix?: string
  /** Sent with each request; never shown. */
  headers?: Readonly<Record<string, string>>
  tls?: TlsOptions
  /** Whether the API server answers where the service does not. */
  throughProxy?: boolean
  /** Looks at the pods behind it until the signal aborts. */
  watchPods?(signal: AbortSignal): Promise<PodsNow>
}

/** How the pods behind a URL are, as far as it is known by now; undefined where it is not. */
export type PodsNow = () => readonly PodSighting[] | undefined

/** Looks up what users call. */
export async function reachUrl(url: string | UrlReference): Promise<ReachedUrl> {
  if (typeof url === 'string') return { url }
  return url.reach ? await url.reach() : { url: await url.resolve() }
}

/** The absolute URL of what users call. @throws CHAOS_BAD_URL (usage) */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(
      'CHAOS_BAD_URL',
      `traffic: "${text}" is not an address that users can call. Write an absolute URL such as 'http://127.0.0.1:8080/', or give a reference such as kubernetes.service('service1').url('/').`,
    )
  }
  if (url.username || url.password) {
    throw usageError(
      'CHAOS_BAD_URL',
      `traffic: the URL of ${url.host} holds credentials, which would end up in logs and traces. Send them as auth: { user, password }.`,
    )
  }
  return url
}

/** The path of one request, below a prefix. @throws CHAOS_BAD_URL (usage) */
export function joinPath(prefix: string, path: string): string {
  const url = path.startsWith('/') ? URL.parse(path, 'http://users/') : null
  if (url?.host !== 'users') {
    throw usageError(
      'CHAOS_BAD_URL',
      `traffic: the path of a request must begin with one slash, and "${path}" does not.`,
    )
  }
  return prefix + url.pathname + url.search
}

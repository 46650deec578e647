import { usageError } from '../support/errors.ts'

/** The address of something that is looked up when the users start to call it, such as a service of a cluster. */
export interface UrlReference {
  /** How people call it: `service/service1`. */
  readonly description: string
  resolve(): Promise<string>
}

/** The absolute URL of what users call. @throws CHAOS_BAD_URL (usage) */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(
      'CHAOS_BAD_URL',
      `traffic: "${text}" is no address that users can call. Write an absolute URL such as 'http://127.0.0.1:8080/', or give a reference such as kubernetes.service('service1').url('/').`,
    )
  }
  if (url.username || url.password) {
    throw usageError(
      'CHAOS_BAD_URL',
      `traffic: the URL of ${url.host} holds credentials, which would end up in logs and traces. Send them as a header: headers: { authorization: … }.`,
    )
  }
  return url
}

import type { KubeConfig } from '@kubernetes/client-node'
import { systemClock } from '../../support/clock.ts'
import type { TargetReference } from '../../undo/types.ts'
import { ApiFailure, type ApiRequest, explain, hasCode, isWorthAnother, waitAskedFor } from './errors.ts'
import { authorize, type ClientLibrary, renewCredentials } from './kubeconfig.ts'
import type { Verb } from './permissions.ts'

/** A request that was not answered after this time is given up. */
const requestTimeoutMs = 10_000
const firstRetryMs = 100
const longestRetryMs = 800

/** What it takes to send requests to an API server. */
export interface Connection {
  /** Writes are only tried: the API says what would come of them (false). */
  dryRun?: boolean
  target: TargetReference
  signal: AbortSignal
  kubeconfig: KubeConfig
  library: ClientLibrary
}

/** A request as it is sent. */
export interface Message {
  verb: Verb
  subresource?: string
  query?: Record<string, string | undefined>
  body?: unknown
  contentType?: string
}

/** What came back of it. */
export interface Answer {
  text: string
  headers: Record<string, string>
}

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
} as const

/**
 * A request and its answer. What the API refused for now (a conflict of a patch, an overload) is tried again, for some
 * seconds; credentials that it takes no more are renewed once.
 *
 * @param request what is asked for, as it is told to people
 * @throws a ChaosError of `errors.ts`; the signal's reason
 */
export async function send(
  connection: Connection,
  request: ApiRequest,
  path: string,
  message: Message,
): Promise<Answer> {
  const { signal, target, kubeconfig } = connection
  let hasRenewed = false
  for (let retryMs = firstRetryMs; ; retryMs *= 2) {
    signal.throwIfAborted()
    let waitMs = retryMs
    try {
      return await exchange(connection, path, message)
    } catch (failure) {
      signal.throwIfAborted()
      const error = explain(failure, request, target)
      const renews: boolean = hasCode(error, 'CHAOS_UNAUTHORIZED') && !hasRenewed && renewCredentials(kubeconfig)
      if (!renews && (!isWorthAnother(error, request) || retryMs > longestRetryMs)) throw error
      hasRenewed ||= renews
      waitMs = Math.max(retryMs, waitAskedFor(failure))
    }
    await systemClock.sleep(waitMs, signal)
  }
}

/** @throws ApiFailure when the API refuses, and whatever keeps it from answering */
async function exchange(
  { kubeconfig, library, signal, dryRun }: Connection,
  path: string,
  { verb, query = {}, body, contentType = 'application/json' }: Message,
): Promise<Answer> {
  const server = kubeconfig.getCurrentCluster()?.server ?? ''
  const request = new library.RequestContext(`${server}${path}`, library.HttpMethod[methods[verb]])
  if (dryRun && methods[verb] !== 'GET') request.setQueryParam('dryRun', 'All')
  for (const [key, value] of Object.entries(query)) if (value !== undefined) request.setQueryParam(key, value)
  request.setHeaderParam('Accept', 'application/json')
  if (body !== undefined) {
    request.setHeaderParam('Content-Type', contentType)
    request.setBody(jsonAsGoWritesIt(body))
  }
  await authorize(kubeconfig, request)
  request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]))
  const answer = await new library.IsomorphicFetchHttpLibrary().send(request).toPromise()
  const text = await answer.body.text()
  if (answer.httpStatusCode >= 300) throw new ApiFailure(answer.httpStatusCode, text, answer.headers['retry-after'])
  return { text, headers: answer.headers }
}

/**
 * JSON with the escapes of Go's encoder. The `test` of a JSON patch compares strings as they are written (evanphx/json-patch
 * before 5), so `a && b` would differ from the same text in the server's own writing.
 */
function jsonAsGoWritesIt(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)
}

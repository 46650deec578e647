import { currentSession } from '../session/session.ts'
import { ChaosError, messageOf } from '../support/errors.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'

/** A URL, or where it is looked up: `kubernetes.service('web').url('/')`. */
export type ProbedUrl = string | { resolve(): Promise<string> }

export interface HttpProbeOptions {
  /** @default 'GET' */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  headers?: Record<string, string>
  body?: string
  /** For the whole answer. @default '3s' */
  timeout?: Duration
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>
  body: string
  /** From the start of the request to the end of the answer. */
  durationMs: number
}

/**
 * Asks by HTTP, once and on a connection of its own. Every answer is a result, also a 500.
 *
 * @throws CHAOS_NO_ANSWER (deviated) when there was none: refused, reset, not in time
 */
export async function httpProbe(url: ProbedUrl, options: HttpProbeOptions = {}): Promise<HttpAnswer> {
  const { tracer, signal } = currentSession()
  const { method = 'GET', headers = {}, body, timeout = '3s' } = options
  const target = typeof url === 'string' ? url : await url.resolve()
  return await tracer.span('probe http', { 'url.full': target, 'http.request.method': method }, async (span) => {
    const { request } = await import('undici')
    const startedAt = performance.now()
    const timeoutMs = toMilliseconds(timeout)
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await request(target, {
        method,
        headers,
        reset: true,
        signal: AbortSignal.any([signal(), limit]),
        ...(body === undefined ? {} : { body }),
      })
      span.setAttributes({ 'http.response.status_code': answer.statusCode })
      const text = await answer.body.text()
      const durationMs = performance.now() - startedAt
      return { status: answer.statusCode, headers: answer.headers, body: text, durationMs }
    } catch (error) {
      signal().throwIfAborted()
      const reason = limit.aborted ? `none came within ${timeoutMs} ms` : reasonOf(error)
      throw new ChaosError('CHAOS_NO_ANSWER', `${method} ${target}: there was no answer (${reason}).`, {
        verdict: 'deviated',
        cause: error,
      })
    }
  })
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return messageOf(error) || code
}

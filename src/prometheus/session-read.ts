import { currentSession, type Session } from '../session/session.ts'
import { messageOf, usageError } from '../support/errors.ts'
import { PrometheusClient } from './client.ts'
import type { TimeWindow } from './samples.ts'

/** What of a read goes to the journal. */
export interface ReadView {
  /** In words: `0 of 221 (0 %)`. */
  result: string
  value: number | null
}

/**
 * Reads the Prometheus of the session: within a span, and with an event for the journal, whatever comes of it.
 *
 * @throws CHAOS_NO_SESSION (usage), CHAOS_NO_PROMETHEUS, and what `read` throws
 */
export async function readInSession<T>(
  query: string,
  window: TimeWindow,
  read: (client: PrometheusClient, signal: AbortSignal) => Promise<T>,
  viewOf: (result: T) => ReadView,
): Promise<T> {
  const session = currentSession()
  const url = prometheusUrl(session)
  const { startedAt: from, endedAt: to } = window
  const record = (view: ReadView) => session.record({ type: 'prometheus-read', query, from, to, ...view })
  return session.tracer.span(
    'prometheus read',
    { 'db.system.name': 'prometheus', 'db.query.text': query },
    async (span) => {
      const signal = session.signal()
      try {
        const access = session.prometheusAccess
        const result = await read(new PrometheusClient(url, { signal, ...(access ? { access } : {}) }), signal)
        const view = viewOf(result)
        span.setAttributes({ 'chaos_test.prometheus.result': view.result })
        record(view)
        return result
      } catch (error) {
        record({ result: messageOf(error), value: null })
        throw error
      }
    },
  )
}

function prometheusUrl({ prometheusUrl: url, target }: Session): string {
  if (url !== undefined) return url
  throw usageError(
    'CHAOS_NO_PROMETHEUS',
    `The spec reads Prometheus, and none is configured for the target "${target.name}". Add prometheus: { url: 'http://…' } to chaos.config.ts; the lab brings one of its own.`,
  )
}

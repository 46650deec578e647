import type { SeriesView } from '../journal/events.ts'
import { traceUrl } from '../journal/trace-link.ts'
import { currentSession, type Session } from '../session/session.ts'
import { messageOf, usageError } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import type { PrometheusClient } from './client.ts'
import { isMeasurement, type TraceReference } from './measurement.ts'
import type { TimeWindow } from './windows.ts'

/** What of a read goes to the journal. */
export interface ReadView {
  /** In words: `0 of 221 (0 %)`. */
  result: string
  value: number | null
  /** The series that it was made of. */
  series?: SeriesView[]
}

export interface SessionRead<T> {
  read(client: PrometheusClient, signal: AbortSignal): Promise<T>
  viewOf(result: T): ReadView
}

/**
 * Reads the Prometheus of the session: within a span, and with an event for the journal, whatever comes of it. A
 * measurement is given the trace that it belongs to. All times are those of this machine, whatever the server's clock says.
 *
 * @throws CHAOS_NO_SESSION (usage), CHAOS_NO_PROMETHEUS, and what `read` throws
 */
export async function readInSession<T>(
  query: string,
  window: TimeWindow,
  { read, viewOf }: SessionRead<T>,
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
        // Loaded when it is read: many processes import this module, and few need what asks.
        const { PrometheusClient } = await import('./client.ts')
        const client = new PrometheusClient(url, { signal, ...(access ? { access } : {}) })
        await client.matchClock()
        const result = annotated(await read(client, signal), client, traceOf(session, span, window))
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

function annotated<T>(result: T, { aheadMs }: PrometheusClient, trace: TraceReference): T {
  if (!isMeasurement(result)) return result
  const apart = `Prometheus' clock is ${formatMilliseconds(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's, which was taken into account`
  const notes = aheadMs === 0 ? result.notes : [...result.notes, apart]
  return { ...result, trace, notes }
}

function traceOf(
  { traceLink }: Session,
  { traceId, spanId }: { traceId: string; spanId: string },
  window: TimeWindow,
): TraceReference {
  const link = traceUrl(traceLink, traceId, { spanId, ...window })
  return { id: traceId, ...(link === undefined ? {} : { link }) }
}

function prometheusUrl({ prometheusUrl: url, target }: Session): string {
  if (url !== undefined) return url
  throw usageError(
    'CHAOS_NO_PROMETHEUS',
    `The spec reads Prometheus, and none is configured for the target "${target.name}". Add prometheus: { url: 'http://…' } to chaos.config.ts; the lab brings one of its own.`,
  )
}

import type { ReportView } from '../view.ts'

/** The address of a trace in the UI that the config names; of a span, where its template knows spans. */
export function traceLink({ run }: ReportView): (traceId: string, spanId?: string) => string | undefined {
  const { traceLink: template } = run
  return (traceId, spanId = '') => {
    return template && traceId ? template.replaceAll('{traceId}', traceId).replaceAll('{spanId}', spanId) : undefined
  }
}

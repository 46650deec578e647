import { usageError } from '../support/errors.ts'

/** What a link to a trace may name. Times are milliseconds since the epoch. */
export interface TraceLinkValues {
  traceId: string
  spanId?: string
  start?: number
  end?: number
}

/**
 * The link to a trace that a person opens in their tracing tool. The template is a URL with `{traceId}` and, where the
 * tool wants them, `{spanId}`, `{start}` and `{end}`; what is not known is left out.
 *
 * | tool | template |
 * |---|---|
 * | Jaeger | `http://localhost:16686/trace/{traceId}?uiFind={spanId}` |
 * | Zipkin | `http://localhost:9411/zipkin/traces/{traceId}` |
 * | Datadog (untested) | `https://app.datadoghq.com/apm/trace/{traceId}` |
 *
 * @throws CHAOS_BAD_TRACE_LINK (usage) when the template lacks `{traceId}` or names something else
 */
export function traceLink(template: string, values: TraceLinkValues): string {
  if (!template.includes('{traceId}')) throw badTemplate(template, 'it does not say where {traceId} goes')
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    switch (name) {
      case 'traceId':
      case 'spanId':
      case 'start':
      case 'end':
        return String(values[name] ?? '')
      default:
        throw badTemplate(template, `there is no ${placeholder}`)
    }
  })
}

function badTemplate(template: string, problem: string): Error {
  return usageError(
    'CHAOS_BAD_TRACE_LINK',
    `"${template}" is no link to a trace: ${problem}. Write a URL with {traceId} and, if you like, {spanId}, {start} and {end} (milliseconds since the epoch), such as "http://localhost:16686/trace/{traceId}".`,
  )
}

import type { Trace } from '../data.ts'
import { h, webLink } from '../dom.ts'
import { countOf, formatInstant, formatMicroseconds } from '../format.ts'
import type { SpanColours } from './colours.ts'
import type { ViewRange } from './view-range.ts'

export interface TraceSummary {
  title: string
  /** Milliseconds since the epoch. */
  startedAt: number
  range: ViewRange
  colours: SpanColours
  /** Where it is in a trace UI. */
  url: string | undefined
}

/** What a trace is, in a few words, and what its colours mean. */
export function traceSummary(
  { traceId, spans }: Trace,
  { title, startedAt, range, colours, url }: TraceSummary,
): HTMLElement {
  const services = new Set(spans.map(({ service }) => service))
  const errors = spans.filter(({ isError }) => isError).length
  return h(
    'div',
    {},
    h('h3', {}, title),
    h(
      'p',
      { class: 'quiet' },
      `${countOf(spans.length, 'span')} of ${countOf(services.size, 'service')} · `,
      `${formatMicroseconds(range.end - range.start)} · `,
      h('time', { datetime: formatInstant(startedAt) }, formatInstant(startedAt)),
      errors > 0 && [' · ', h('span', { class: 'bad-text' }, countOf(errors, 'error'))],
    ),
    h(
      'p',
      { class: 'quiet' },
      h('code', {}, traceId),
      url !== undefined && [' · ', webLink(url, 'open in the trace UI')],
    ),
    h(
      'p',
      { class: 'services' },
      colours.groups.map((group) =>
        h('span', { class: 'key' }, h('i', { class: `swatch bg-${colours.of(group)}` }), group),
      ),
    ),
  )
}

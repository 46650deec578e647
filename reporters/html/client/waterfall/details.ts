import type { Attribute, Span, Traces } from '../data.ts'
import { type Child, h, webLink } from '../dom.ts'
import { formatMicroseconds } from '../format.ts'

/** All that is known of a span. */
export function spanDetails(span: Span, traceStart: number, traces: Traces, link: string | undefined): HTMLElement {
  const { spanId, service, instance, name, kind, status, start, duration } = span
  const facts: Array<[string, Child]> = [
    ['Service', instance === '' ? service : `${service} on ${instance}`],
    ['Start', `+${formatMicroseconds(start - traceStart)}`],
    ['Duration', formatMicroseconds(duration)],
    ...(kind === '' ? [] : [['Kind', kind] as [string, Child]]),
    [
      'Span',
      [
        h('a', { href: `#span-${spanId}` }, h('code', {}, spanId)),
        link === undefined ? '' : [' · ', webLink(link, 'in the trace UI')],
      ],
    ],
  ]
  return h(
    'div',
    { class: 'span-details', role: 'region', 'aria-label': `Span ${name}` },
    h('h4', {}, name, span.isError && h('span', { class: 'badge tone-bad' }, 'error')),
    status !== '' && h('p', { class: 'bad-text pre' }, status),
    h('dl', { class: 'facts' }, facts.map(fact)),
    attributeTable('Attributes', span.attributes),
    span.events.length > 0 && [
      h('h5', {}, 'Events'),
      h(
        'ol',
        { class: 'span-events' },
        span.events.map(({ at, name: event, attributes }) =>
          h(
            'li',
            {},
            h('span', { class: 'quiet' }, `+${formatMicroseconds(at - traceStart)}`),
            ' ',
            event,
            attributes.length > 0 && attributeList(attributes),
          ),
        ),
      ),
    ],
    span.links.length > 0 && [
      h('h5', {}, 'Linked to'),
      h(
        'ul',
        {},
        span.links.map(({ traceId, spanId: linked }) => {
          const text = h('code', {}, traceId)
          return h('li', {}, traces.has(traceId) ? h('a', { href: `#span-${linked}` }, text) : text)
        }),
      ),
    ],
    span.resource.length > 0 && h('details', {}, h('summary', {}, 'Resource'), attributeList(span.resource)),
  )
}

function fact([name, value]: [string, Child]): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value))
}

function attributeTable(title: string, attributes: readonly Attribute[]): Child {
  return attributes.length > 0 && [h('h5', {}, title), attributeList(attributes)]
}

function attributeList(attributes: readonly Attribute[]): HTMLElement {
  return h(
    'dl',
    { class: 'attributes' },
    attributes.map(([key, value]) => h('div', {}, h('dt', {}, key), h('dd', {}, value))),
  )
}

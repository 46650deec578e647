import type { Span } from '../data.ts'
import { h } from '../dom.ts'
import { countOf, formatMicroseconds } from '../format.ts'
import type { ViewRange } from './view-range.ts'

export interface RowOptions {
  id: string
  index: number
  /** Pixels from the top of all rows. */
  top: number
  /** The number of the row among those that are not hidden, from 1. */
  place: number
  /** How many spans are collapsed into it. */
  hidden: number
  /** Absent where nothing is inside. */
  isOpen: boolean | undefined
  isSelected: boolean
  colour: string
  /** The service is named where it changes. */
  parentService: string | undefined
  range: ViewRange
}

const indentPx = 14

export function rowElement(span: Span, options: RowOptions): HTMLElement {
  const { id, index, top, place, isOpen, isSelected, hidden } = options
  const says = `${span.service}: ${span.name}, ${formatMicroseconds(span.duration)}${span.isError ? ', error' : ''}`
  return h(
    'div',
    {
      class: `row${isSelected ? ' is-selected' : ''}${span.isError ? ' is-error' : ''}`,
      role: 'row',
      id,
      'data-index': index,
      'aria-level': span.depth + 1,
      'aria-rowindex': place,
      'aria-expanded': isOpen === undefined ? undefined : `${isOpen}`,
      'aria-selected': `${isSelected}`,
      'aria-label': says,
      style: { transform: `translateY(${top}px)` },
    },
    h(
      'div',
      {
        class: 'name-cell',
        role: 'gridcell',
        title: `${span.service} · ${span.name}`,
        style: { 'padding-left': `${6 + Math.min(span.depth, 16) * indentPx}px` },
      },
      h(
        'span',
        { class: `toggle${isOpen === undefined ? ' is-leaf' : ''}`, 'aria-hidden': 'true' },
        isOpen === undefined ? '' : isOpen ? '▾' : '▸',
      ),
      span.isError && h('span', { class: 'error-mark', title: 'error' }, '!'),
      h('i', { class: `service-mark bg-${options.colour}`, 'aria-hidden': 'true' }),
      span.service !== options.parentService && h('span', { class: 'service' }, span.service),
      h('span', { class: 'operation' }, span.name),
      hidden > 0 && h('span', { class: 'hidden-count', title: `${countOf(hidden, 'span')} inside` }, `+${hidden}`),
    ),
    barCell(span, options),
  )
}

function barCell(span: Span, { range, colour }: RowOptions): HTMLElement {
  const { from, to } = range
  const percent = (at: number) => ((at - from) / (to - from)) * 100
  const left = percent(span.start)
  const right = percent(span.start + span.duration)
  const label = formatMicroseconds(span.duration)
  // The duration stands right of the bar, or left of it where there is no room.
  const place =
    right < 82
      ? { left: `calc(${Math.max(0, right)}% + 6px)` }
      : left > 18
        ? { right: `calc(${100 - Math.min(100, left)}% + 6px)` }
        : { right: `calc(${Math.max(0, 100 - right)}% + 6px)` }
  const isInside = right >= 82 && left <= 18
  const isOut = right < 0 || left > 100
  return h(
    'div',
    { class: 'bar-cell', role: 'gridcell' },
    !isOut && h('div', { class: `bar bg-${colour}`, style: { left: `${left}%`, width: `${right - left}%` } }),
    !isOut &&
      span.events.map(({ at, name }) =>
        h('i', { class: 'bar-event', title: name, style: { left: `${percent(at)}%` } }),
      ),
    !isOut && h('span', { class: `bar-label${isInside ? ' is-inside' : ''}`, style: place }, label),
  )
}

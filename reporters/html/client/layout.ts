import type { TimeAxis } from './axis.ts'
import { type Child, h } from './dom.ts'
import { formatInstant, formatOffset } from './format.ts'

/** A part of the page with a heading. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h(
    'section',
    { class: 'section', id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    ...children,
  )
}

interface Column {
  title: string
  /** Numbers stand on the right. */
  isNumber?: boolean
}

export function table(
  caption: string,
  columns: readonly (string | Column)[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const known = columns.map((column) => (typeof column === 'string' ? { title: column } : column))
  return h(
    'div',
    { class: 'table-scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: 'visually-hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          known.map(({ title, isNumber }) => h('th', { scope: 'col', class: isNumber ? 'number' : undefined }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((cells) =>
          h(
            'tr',
            {},
            cells.map((cell, index) => h('td', { class: known[index]?.isNumber ? 'number' : undefined }, cell)),
          ),
        ),
      ),
    ),
  )
}

/** A time since the method's start; the time of day is what one hovers for. */
export function timeCell(at: number, { zero }: TimeAxis): HTMLElement {
  return h('time', { datetime: formatInstant(at), title: formatInstant(at) }, formatOffset(at - zero))
}

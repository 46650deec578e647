import { traceUrl } from '../../../../src/journal/trace-link.ts'
import type { Span, Trace, Traces } from '../data.ts'
import { type Child, fill, h } from '../dom.ts'
import { formatMicroseconds } from '../format.ts'
import { SpanColours } from './colours.ts'
import { spanDetails } from './details.ts'
import { Minimap } from './minimap.ts'
import { rowElement } from './row.ts'
import { Rows } from './rows.ts'
import { traceSummary } from './summary.ts'
import { ViewRange } from './view-range.ts'

export interface WaterfallOptions {
  /** What the trace is, in words. */
  title: string
  /** A template of links to a trace UI: see `traceUrl`. */
  traceLink?: string | undefined
  close?: () => void
}

/** Rows beyond the edge that are drawn too, so that scrolling shows no gap. */
const spareRows = 12
const mostVisibleRows = 22
let instances = 0

/** A trace like Jaeger's: a row for each span, nested, its bar on the time axis. Only the rows in sight exist. */
export class Waterfall {
  readonly element: HTMLElement
  readonly #id = `waterfall-${instances++}`
  readonly #trace: Trace
  readonly #traces: Traces
  readonly #options: WaterfallOptions
  readonly #rows: Rows
  readonly #colours: SpanColours
  readonly #range: ViewRange
  readonly #minimap: Minimap
  readonly #ticks = h('div', { class: 'ticks', 'aria-hidden': 'true' })
  readonly #body = h('div', { class: 'rows' })
  readonly #grid: HTMLElement
  readonly #details = h('div', { class: 'details-slot' })
  #selected = 0
  #rowHeightPx = 0
  readonly #observer = new ResizeObserver(() => this.#measure())

  constructor(trace: Trace, traces: Traces, options: WaterfallOptions) {
    this.#trace = trace
    this.#traces = traces
    this.#options = options
    this.#rows = new Rows(trace)
    this.#colours = new SpanColours(trace)
    const starts = trace.spans.map(({ start }) => start)
    const ends = trace.spans.map(({ start, duration }) => start + duration)
    this.#range = new ViewRange(least(starts), most(ends), () => this.#draw())
    this.#minimap = new Minimap(trace, this.#colours, this.#range)
    this.#grid = h(
      'div',
      {
        class: 'grid',
        role: 'treegrid',
        tabindex: 0,
        'aria-label': `${options.title}: arrow keys move, left and right close and open, Enter shows a span, plus and minus zoom, zero shows all`,
        'aria-rowcount': trace.spans.length,
        on: {
          scroll: () => this.#drawRows(),
          keydown: (event) => this.#onKey(event),
          click: (event) => this.#onClick(event),
          wheel: (event) => this.#onWheel(event),
        },
      },
      this.#body,
    )
    this.#grid.addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), { passive: false })
    this.element = h(
      'div',
      { class: 'waterfall' },
      this.#head(),
      this.#minimap.element,
      h(
        'div',
        { class: 'grid-head', 'aria-hidden': 'true' },
        h('div', { class: 'name-cell' }, 'Service and operation'),
        this.#ticks,
      ),
      this.#grid,
      this.#details,
    )
    this.#observer.observe(this.#grid)
  }

  destroy(): void {
    this.#observer.disconnect()
    this.#minimap.destroy()
  }

  /** Selects a span, shows all that is known of it, and brings it into sight. */
  showSpan(spanId: string): void {
    const index = this.#trace.spans.findIndex((span) => span.spanId === spanId)
    if (index < 0) return
    this.#rows.reveal(index)
    this.#select(index)
    this.#showDetails()
  }

  #head(): HTMLElement {
    const { title, close } = this.#options
    const startedAt = this.#traces.epochMs + this.#range.start / 1000
    const button = (text: string, click: () => void) =>
      h('button', { type: 'button', class: 'small', on: { click } }, text)
    const redraw = (change: () => void) => () => {
      change()
      this.#rows.reveal(this.#selected)
      this.#draw()
    }
    return h(
      'div',
      { class: 'waterfall-head' },
      traceSummary(this.#trace, { title, startedAt, range: this.#range, colours: this.#colours, url: this.#urlOf() }),
      h(
        'div',
        { class: 'tools' },
        button(
          'Expand all',
          redraw(() => this.#rows.expandAll()),
        ),
        button('Collapse all', () => {
          this.#rows.collapseAll()
          this.#selected = this.#rows.visible[0] ?? 0
          this.#draw()
        }),
        button('Show all', () => this.#range.reset()),
        close && button('Close', close),
      ),
    )
  }

  /** Where the trace, or a span in it, is in a trace UI. */
  #urlOf(spanId?: string): string | undefined {
    const { epochMs } = this.#traces
    const startedAt = epochMs + this.#range.start / 1000
    const endedAt = epochMs + this.#range.end / 1000
    return traceUrl(this.#options.traceLink, this.#trace.traceId, { spanId, startedAt, endedAt })
  }

  #measure(): void {
    const narrow = this.#grid.clientWidth < 620
    this.#rowHeightPx = narrow ? 44 : 28
    this.element.classList.toggle('is-narrow', narrow)
    this.#draw()
  }

  #draw(): void {
    if (this.#rowHeightPx === 0) return
    this.#minimap.update()
    const { visible } = this.#rows
    this.#body.style.height = `${visible.length * this.#rowHeightPx}px`
    this.#grid.style.maxHeight = `${mostVisibleRows * this.#rowHeightPx}px`
    this.#drawTicks()
    this.#drawRows()
  }

  #drawTicks(): void {
    const { start, from, to } = this.#range
    const count = this.element.classList.contains('is-narrow') ? 2 : 4
    fill(
      this.#ticks,
      Array.from({ length: count + 1 }, (_, index): Child => {
        const text = formatMicroseconds(Math.round(from + ((to - from) * index) / count - start))
        return h(
          'span',
          { class: index === count ? 'is-last' : '', style: { left: `${(index / count) * 100}%` } },
          text,
        )
      }),
    )
  }

  #drawRows(): void {
    const { visible } = this.#rows
    const height = this.#rowHeightPx
    if (height === 0) return
    const first = Math.max(0, Math.floor(this.#grid.scrollTop / height) - spareRows)
    const last = Math.min(
      visible.length,
      Math.ceil((this.#grid.scrollTop + mostVisibleRows * height) / height) + spareRows,
    )
    const range = this.#range
    fill(
      this.#body,
      visible.slice(first, last).map((index, offset) => {
        const span = this.#trace.spans[index]
        return (
          span &&
          rowElement(span, {
            id: `${this.#id}-${index}`,
            index,
            top: (first + offset) * height,
            place: first + offset + 1,
            hidden: this.#rows.isCollapsed(index) ? this.#rows.descendants(index) : 0,
            isOpen: this.#rows.hasChildren(index) ? !this.#rows.isCollapsed(index) : undefined,
            isSelected: index === this.#selected,
            colour: this.#colours.ofSpan(span),
            parentService: this.#trace.spans[span.parent]?.service,
            range,
          })
        )
      }),
    )
    this.#grid.setAttribute('aria-activedescendant', `${this.#id}-${this.#selected}`)
  }

  #select(index: number): void {
    this.#selected = index
    const place = this.#rows.visible.indexOf(index)
    const top = place * this.#rowHeightPx
    const { scrollTop, clientHeight } = this.#grid
    if (top < scrollTop) this.#grid.scrollTop = top
    else if (top + this.#rowHeightPx > scrollTop + clientHeight)
      this.#grid.scrollTop = top + this.#rowHeightPx - clientHeight
    this.#draw()
  }

  #showDetails(): void {
    const span = this.#trace.spans[this.#selected]
    if (!span) return
    fill(this.#details, spanDetails(span, this.#range.start, this.#traces, this.#urlOf(span.spanId)))
  }

  #toggle(index: number): void {
    if (this.#rows.isCollapsed(index)) this.#rows.expand(index)
    else this.#rows.collapse(index)
    this.#select(index)
  }

  #onClick({ target }: MouseEvent): void {
    if (!(target instanceof Element)) return
    const row = target.closest<HTMLElement>('[data-index]')
    if (!row) return
    const index = Number(row.dataset.index)
    if (target.closest('.toggle')) this.#toggle(index)
    else {
      this.#select(index)
      this.#showDetails()
    }
  }

  #onWheel(event: WheelEvent): void {
    if (!event.ctrlKey) return
    const { left, width } = this.#ticks.getBoundingClientRect()
    const { from, to } = this.#range
    this.#range.zoom(event.deltaY > 0 ? 1.25 : 0.8, from + ((event.clientX - left) / width) * (to - from))
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const action = this.#actionOf(event.key, event.shiftKey)
    if (!action) return
    event.preventDefault()
    action()
  }

  #actionOf(key: string, shift: boolean): (() => void) | undefined {
    const place = this.#rows.visible.indexOf(this.#selected)
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.#selectPlace(place + 1),
      ArrowUp: () => this.#selectPlace(place - 1),
      PageDown: () => this.#selectPlace(place + mostVisibleRows),
      PageUp: () => this.#selectPlace(place - mostVisibleRows),
      Home: () => this.#selectPlace(0),
      End: () => this.#selectPlace(this.#rows.visible.length - 1),
      ArrowLeft: () => (shift ? this.#range.pan(-0.2) : this.#closeOrLeave()),
      ArrowRight: () => (shift ? this.#range.pan(0.2) : this.#openOrEnter()),
      Enter: () => this.#showDetails(),
      ' ': () => this.#showDetails(),
      Escape: () => fill(this.#details),
      '+': () => this.#range.zoom(0.6, this.#middleOfSelected()),
      '=': () => this.#range.zoom(0.6, this.#middleOfSelected()),
      '-': () => this.#range.zoom(1 / 0.6),
      '0': () => this.#range.reset(),
    }
    return keys[key]
  }

  #selectPlace(place: number): void {
    const { visible } = this.#rows
    this.#select(visible[Math.min(visible.length - 1, Math.max(0, place))] ?? 0)
  }

  #closeOrLeave(): void {
    const parent = this.#trace.spans[this.#selected]?.parent ?? -1
    if (this.#rows.hasChildren(this.#selected) && !this.#rows.isCollapsed(this.#selected)) this.#toggle(this.#selected)
    else if (parent >= 0) this.#select(parent)
  }

  #openOrEnter(): void {
    if (!this.#rows.hasChildren(this.#selected)) return
    if (this.#rows.isCollapsed(this.#selected)) this.#toggle(this.#selected)
    else this.#select(this.#selected + 1)
  }

  #middleOfSelected(): number {
    const span: Span | undefined = this.#trace.spans[this.#selected]
    return span ? span.start + span.duration / 2 : (this.#range.from + this.#range.to) / 2
  }
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
}

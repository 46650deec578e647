import { formatMilliseconds } from '../../../../src/support/quantities.ts'
import type { PhaseBand } from '../axis.ts'
import { fill, h } from '../dom.ts'
import { formatOffset } from '../format.ts'
import { gutterPx, marginPx } from './chart.ts'
import type { Mark } from './marks.ts'
import type { TimeWindow } from './time-window.ts'

const markRowPx = 22

/** The phases, and what was done in them, above the charts and on the same time axis. */
export class PhaseStrip {
  readonly element: HTMLElement
  readonly #phases = h('div', { class: 'phases', role: 'list', 'aria-label': 'Phases' })
  readonly #marks = h('div', { class: 'marks', role: 'list', 'aria-label': 'Actions and undos' })
  readonly #bands: readonly PhaseBand[]
  readonly #done: readonly Mark[]
  readonly #window: TimeWindow
  readonly #observer = new ResizeObserver(() => this.#draw())

  constructor(bands: readonly PhaseBand[], marks: readonly Mark[], window: TimeWindow) {
    this.#bands = bands
    this.#done = marks
    this.#window = window
    this.element = h(
      'div',
      { class: 'strip', style: { padding: `0 ${marginPx}px 0 ${gutterPx}px` } },
      this.#phases,
      this.#marks,
    )
    window.onChange(() => this.#draw())
    this.#observer.observe(this.element)
  }

  destroy(): void {
    this.#observer.disconnect()
  }

  #draw(): void {
    const width = this.#phases.clientWidth
    if (width === 0) return
    const { from, to } = this.#window
    const x = (at: number) => ((at - from) / (to - from)) * width
    fill(
      this.#phases,
      this.#bands.map((band) => phaseElement(band, Math.max(0, x(band.from)), Math.min(width, x(band.to)))),
    )
    this.#drawMarks(x, width)
  }

  /** Each label goes into the first row where it has room. */
  #drawMarks(x: (at: number) => number, width: number): void {
    const rows: number[] = []
    fill(this.#marks)
    for (const mark of this.#done) {
      const left = x(mark.at)
      if (left < -1 || left > width + 1) continue
      const element = markElement(mark)
      this.#marks.append(element)
      const label = element.offsetWidth
      // A label at the right end stands left of its line, where there is room for it.
      const isLeft = left + label > width && left > label
      const start = isLeft ? left - label : left
      const found = rows.findIndex((end) => end <= start - 8)
      const row = found < 0 ? rows.length : found
      rows[row] = start + label
      element.classList.toggle('is-left', isLeft)
      element.style.left = `${start}px`
      element.style.top = `${row * markRowPx}px`
      element.style.maxWidth = `${isLeft ? left : width - left}px`
    }
    this.#marks.style.height = `${rows.length * markRowPx}px`
  }
}

function phaseElement(
  { name, label, shortLabel, from, to, isFailed }: PhaseBand,
  left: number,
  right: number,
): HTMLElement | false {
  if (right - left < 1) return false
  const took = formatMilliseconds(to - from)
  const title = `${name}: ${label}, ${took}${isFailed ? ', failed' : ''}`
  return h(
    'div',
    {
      class: `phase phase-${name}${isFailed ? ' is-failed' : ''}`,
      role: 'listitem',
      title,
      'aria-label': title,
      style: { left: `${left}px`, width: `${right - left}px` },
    },
    right - left > 62 && h('span', {}, isFailed ? '✗ ' : '', right - left > 104 ? label : shortLabel),
  )
}

function markElement({ at, kind, label }: Mark): HTMLElement {
  const sign = kind === 'undo' ? '↺' : '▼'
  return h(
    'div',
    { class: `mark-label mark-${kind}`, role: 'listitem', title: `${formatOffset(at)} ${label}` },
    h('span', { class: 'mark-sign', 'aria-hidden': 'true' }, sign),
    h('span', { class: 'mark-text' }, label),
  )
}

import type { Trace } from '../data.ts'
import { h } from '../dom.ts'
import { colour, onThemeChange } from '../theme.ts'
import type { SpanColours } from './colours.ts'
import type { ViewRange } from './view-range.ts'

const heightPx = 44

/** The whole trace in little. What is shown below is light; dragging over it shows another part. */
export class Minimap {
  readonly element: HTMLElement
  readonly #canvas = h('canvas', { class: 'minimap-canvas' })
  readonly #before = h('div', { class: 'minimap-shade' })
  readonly #after = h('div', { class: 'minimap-shade' })
  readonly #trace: Trace
  readonly #colours: SpanColours
  readonly #range: ViewRange
  readonly #forget: Array<() => void> = []

  constructor(trace: Trace, colours: SpanColours, range: ViewRange) {
    this.#trace = trace
    this.#colours = colours
    this.#range = range
    this.element = h(
      'div',
      {
        class: 'minimap',
        'aria-hidden': 'true',
        on: { pointerdown: (event) => this.#drag(event), dblclick: () => range.reset() },
      },
      this.#canvas,
      this.#before,
      this.#after,
    )
    const observer = new ResizeObserver(() => this.#draw())
    observer.observe(this.element)
    this.#forget.push(
      () => observer.disconnect(),
      onThemeChange(() => this.#draw()),
    )
  }

  /** Follows the range. */
  update(): void {
    const { start, end, from, to } = this.#range
    const percent = (at: number) => ((at - start) / (end - start)) * 100
    this.#before.style.left = '0'
    this.#before.style.width = `${percent(from)}%`
    this.#after.style.left = `${percent(to)}%`
    this.#after.style.width = `${100 - percent(to)}%`
  }

  destroy(): void {
    for (const forget of this.#forget) forget()
  }

  #drag(event: PointerEvent): void {
    const { left, width } = this.element.getBoundingClientRect()
    const { start, end } = this.#range
    const timeAt = (x: number) => start + Math.min(1, Math.max(0, (x - left) / width)) * (end - start)
    const from = timeAt(event.clientX)
    const move = ({ clientX }: PointerEvent) => {
      const to = timeAt(clientX)
      if (Math.abs(clientX - event.clientX) > 3) this.#range.show(Math.min(from, to), Math.max(from, to))
    }
    const up = () => {
      this.element.removeEventListener('pointermove', move)
      this.element.removeEventListener('pointerup', up)
      this.element.removeEventListener('pointercancel', up)
    }
    this.element.setPointerCapture(event.pointerId)
    this.element.addEventListener('pointermove', move)
    this.element.addEventListener('pointerup', up)
    this.element.addEventListener('pointercancel', up)
  }

  #draw(): void {
    const width = this.element.clientWidth
    const context = this.#canvas.getContext('2d')
    if (!context || width === 0) return
    this.#canvas.width = width * devicePixelRatio
    this.#canvas.height = heightPx * devicePixelRatio
    context.scale(devicePixelRatio, devicePixelRatio)
    const { start, end } = this.#range
    const { spans } = this.#trace
    const row = Math.min(5, (heightPx - 8) / Math.max(1, spans.length))
    const colours = new Map<string, string>()
    for (const [index, span] of spans.entries()) {
      const name = span.isError ? 'bad' : this.#colours.ofSpan(span)
      if (!colours.has(name)) colours.set(name, colour(name))
      context.fillStyle = colours.get(name) ?? ''
      const left = ((span.start - start) / (end - start)) * width
      context.fillRect(
        left,
        4 + index * row,
        Math.max(1, (span.duration / (end - start)) * width),
        Math.max(0.5, row - 0.5),
      )
    }
    this.update()
  }
}

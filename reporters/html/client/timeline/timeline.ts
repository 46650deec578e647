import type { HypothesisView } from '../../view.ts'
import { phaseAt, phaseBands, type TimeAxis } from '../axis.ts'
import type { UserRequest } from '../data.ts'
import { h } from '../dom.ts'
import { formatOffset } from '../format.ts'
import { Chart, type ChartSpec } from './chart.ts'
import { marksOf } from './marks.ts'
import { prometheusCharts } from './prometheus-chart.ts'
import { readinessChart } from './readiness-chart.ts'
import { PhaseStrip } from './strip.ts'
import { TimeWindow } from './time-window.ts'
import { latencyChart, type OpenTrace, requestsChart } from './users-chart.ts'

/** What happened in a hypothesis over time: its phases, and below them charts on the same axis. */
export class Timeline {
  readonly element: HTMLElement
  readonly #window: TimeWindow
  readonly #charts: Chart[]
  readonly #strip: PhaseStrip
  readonly #said = h('p', { class: 'visually-hidden', 'aria-live': 'polite' })
  #requests: readonly UserRequest[] = []
  #cursor = -1

  constructor(hypothesis: HypothesisView, axis: TimeAxis, open: OpenTrace) {
    this.#window = new TimeWindow(axis)
    const bands = phaseBands(hypothesis, axis)
    const marks = marksOf(hypothesis, axis)
    const specs: ChartSpec[] = [
      requestsChart(hypothesis, axis),
      latencyChart(hypothesis, axis, () => this.#requests, open),
      ...hypothesis.readiness.map((readiness) => readinessChart(readiness, axis)),
      ...prometheusCharts(hypothesis, axis),
    ].filter((spec) => spec !== undefined)
    this.#charts = specs.map((spec, index) => {
      const hasTimeAxis = index === specs.length - 1
      return new Chart(spec, { window: this.#window, bands, marks, syncKey: hypothesis.anchor, hasTimeAxis })
    })
    this.#strip = new PhaseStrip(bands, marks, this.#window)
    const describe = (index: number) => {
      const at = specs[0]?.data[0]?.[index] ?? 0
      return `${formatOffset(at)}, ${phaseAt(bands, at)}: ${this.#charts[0]?.valuesAt(index) ?? ''}`
    }
    this.element = h(
      'div',
      {
        class: 'timeline',
        role: 'group',
        tabindex: 0,
        'aria-label': 'Timeline. Arrow keys move through the seconds, plus and minus zoom, zero shows all.',
        on: { keydown: (event) => this.#onKey(event, describe) },
      },
      this.#strip.element,
      this.#charts.map(({ element }) => element),
      this.#said,
      this.#hint(),
    )
  }

  /** Shows the requests, as soon as they are known. */
  showRequests(requests: readonly UserRequest[]): void {
    this.#requests = requests
    for (const chart of this.#charts) chart.redraw()
  }

  destroy(): void {
    this.#strip.destroy()
    for (const chart of this.#charts) chart.destroy()
  }

  #hint(): HTMLElement {
    const reset = h('button', { type: 'button', class: 'small', on: { click: () => this.#window.reset() } }, 'Show all')
    const hint = h('p', { class: 'hint' }, h('span', {}, 'Drag to zoom in. Zero is the start of the method.'), reset)
    const update = () => reset.classList.toggle('is-hidden', !this.#window.isZoomed)
    this.#window.onChange(update)
    update()
    return hint
  }

  #onKey(event: KeyboardEvent, describe: (index: number) => string): void {
    const { from, to } = this.#window
    const middle = (from + to) / 2
    const quarter = (to - from) / 4
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.#move(-1, describe),
      ArrowRight: () => this.#move(1, describe),
      '+': () => this.#window.zoom(middle - quarter, middle + quarter),
      '=': () => this.#window.zoom(middle - quarter, middle + quarter),
      '-': () => this.#window.zoom(from - 2 * quarter, to + 2 * quarter),
      '0': () => this.#window.reset(),
    }
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  #move(by: number, describe: (index: number) => string): void {
    const [chart] = this.#charts
    const times = chart?.spec.data[0]
    if (!chart?.plot || !times) return
    this.#cursor = Math.max(0, Math.min(times.length - 1, this.#cursor + by))
    const at = times[this.#cursor] ?? 0
    for (const { plot } of this.#charts) plot?.setCursor({ left: plot.valToPos(at, 'x'), top: 1 })
    this.#said.textContent = describe(this.#cursor)
  }
}

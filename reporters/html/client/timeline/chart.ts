import uPlot from 'uplot'
import type { PhaseBand } from '../axis.ts'
import { fill, h } from '../dom.ts'
import { colour, onThemeChange } from '../theme.ts'
import type { Mark } from './marks.ts'
import type { TimeWindow } from './time-window.ts'

/** The width of what stands left of all charts, so that their time axes are one below the other. */
export const gutterPx = 56
export const marginPx = 14

/** What a chart shows, beside the time that it shares with the others. */
export interface ChartSpec {
  title: string
  unit: string
  heightPx: number
  /** Times in milliseconds since the axis' zero, ascending, and the values of each series at them. */
  data: uPlot.AlignedData
  /** A value holds until the next one (false: it is of its own time). */
  holds?: boolean
  series: SeriesSpec[]
  y: uPlot.Scale
  ticks(values: number[]): (string | null)[]
  /** The values that get a line of the grid. */
  splits?: (chart: uPlot) => number[]
  /** Draws what lines alone cannot say. */
  draw?(chart: uPlot): void
  /** Called with a click, in pixels of the plot. */
  click?(chart: uPlot, left: number, top: number): void
  /** Beside the series, in the legend. */
  extraKeys?: Key[]
}

export interface Key {
  colour: string
  label: string
  isLine?: boolean
}

export interface SeriesSpec extends Key {
  /** Absent where `draw` shows it. */
  line?: { widthPx: number }
  format(value: number): string
}

export interface ChartSurroundings {
  window: TimeWindow
  bands: readonly PhaseBand[]
  marks: readonly Mark[]
  /** What the cursors of all charts move together by. */
  syncKey: string
  hasTimeAxis: boolean
}

/** One chart of the timeline. It is drawn when it has a width, and again when that or the colours change. */
export class Chart {
  readonly element: HTMLElement
  readonly spec: ChartSpec
  readonly #surroundings: ChartSurroundings
  readonly #host = h('div', { class: 'chart-plot', 'aria-hidden': 'true' })
  readonly #values: HTMLElement[]
  #plot: uPlot | undefined
  readonly #forget: Array<() => void> = []

  constructor(spec: ChartSpec, surroundings: ChartSurroundings) {
    this.spec = spec
    this.#surroundings = surroundings
    this.#values = spec.series.map(() => h('b', { class: 'key-value' }))
    this.element = h(
      'div',
      { class: 'chart' },
      h(
        'div',
        { class: 'chart-head' },
        h('h3', {}, spec.title, ' ', h('span', { class: 'unit' }, spec.unit)),
        this.#legend(),
      ),
      this.#host,
    )
    const observer = new ResizeObserver(() => this.#resize())
    observer.observe(this.#host)
    this.#forget.push(
      () => observer.disconnect(),
      onThemeChange(() => this.redraw()),
    )
    surroundings.window.onChange(() => this.#zoom())
  }

  get plot(): uPlot | undefined {
    return this.#plot
  }

  redraw(): void {
    this.#plot?.redraw(false, true)
  }

  destroy(): void {
    for (const forget of this.#forget) forget()
    this.#plot?.destroy()
  }

  /** What the values at the cursor are, in words. */
  valuesAt(index: number): string {
    const shown = this.spec.series.flatMap(({ label, format }, each) => {
      const value = this.spec.data[each + 1]?.[index]
      return value === null || value === undefined ? [] : [`${label} ${format(value)}`]
    })
    return shown.join(', ')
  }

  #legend(): HTMLElement {
    const swatch = (key: Key) =>
      h('i', { class: `${key.isLine ? 'swatch-line' : 'swatch'} bg-${key.colour}`, 'aria-hidden': 'true' })
    return h(
      'div',
      { class: 'chart-legend' },
      this.spec.series.map((each, index) => h('span', { class: 'key' }, swatch(each), each.label, this.#values[index])),
      (this.spec.extraKeys ?? []).map((key) => h('span', { class: 'key' }, swatch(key), key.label)),
    )
  }

  #resize(): void {
    const width = Math.floor(this.#host.clientWidth)
    if (width === 0) return
    const height = this.spec.heightPx + (this.#surroundings.hasTimeAxis ? 26 : 0)
    if (this.#plot) this.#plot.setSize({ width, height })
    else this.#plot = new uPlot(this.#options(width, height), this.spec.data, this.#host)
  }

  #zoom(): void {
    const { from: min, to: max } = this.#surroundings.window
    this.#plot?.setScale('x', { min, max })
  }

  #options(width: number, height: number): uPlot.Options {
    const { spec } = this
    const { window, syncKey, hasTimeAxis } = this.#surroundings
    const axis = { stroke: () => colour('ink-3'), font: axisFont, ticks: { show: false } }
    return {
      width,
      height,
      padding: [8, marginPx, hasTimeAxis ? 0 : 4, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: syncKey, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: 7, width: 2, fill: () => colour('paper') },
        bind: { dblclick: () => () => resetOf(window) },
      },
      scales: { x: { time: false, range: () => [window.from, window.to] }, y: spec.y },
      axes: [
        {
          ...axis,
          show: hasTimeAxis,
          size: 26,
          space: 60,
          grid: { show: false },
          incrs: timeSteps,
          values: (_, times) => times.map(timeTick),
        },
        {
          ...axis,
          size: gutterPx,
          gap: 8,
          space: 28,
          grid: { stroke: () => colour('rule'), width: 1 },
          values: (_, values) => spec.ticks(values),
          ...(spec.splits ? { splits: spec.splits } : {}),
        },
      ],
      series: [{}, ...spec.series.map((series) => this.#series(series))],
      hooks: {
        drawClear: [(plot) => this.#drawBands(plot)],
        draw: [(plot) => spec.draw?.(plot), (plot) => this.#drawMarks(plot)],
        setCursor: [(plot) => this.#showValues(this.#indexAt(plot))],
        setSelect: [(plot) => this.#select(plot)],
        ready: [(plot) => this.#listen(plot)],
      },
    }
  }

  #series({ line, colour: name }: SeriesSpec): uPlot.Series {
    if (!line) return { paths: () => null, points: { show: false } }
    return { stroke: () => colour(name), width: line.widthPx, points: { show: false }, spanGaps: false }
  }

  /** Whose values the cursor is at; uPlot tells the nearest. */
  #indexAt({ cursor, posToVal }: uPlot): number | null | undefined {
    const { left = -1, idx } = cursor
    if (left < 0) return null
    if (!this.spec.holds) return idx
    const at = posToVal(left, 'x')
    return this.spec.data[0].findLastIndex((time) => time <= at)
  }

  #showValues(index: number | null | undefined): void {
    for (const [each, { format }] of this.spec.series.entries()) {
      const value = index === null || index === undefined ? undefined : this.spec.data[each + 1]?.[index]
      const element = this.#values[each]
      if (element) fill(element, value === null || value === undefined ? '' : format(value))
    }
  }

  #select(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    const from = plot.posToVal(left, 'x')
    const to = plot.posToVal(left + width, 'x')
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#surroundings.window.zoom(from, to)
  }

  #listen(plot: uPlot): void {
    const { click } = this.spec
    if (click) plot.over.addEventListener('click', ({ offsetX, offsetY }) => click(plot, offsetX, offsetY))
  }

  #drawBands(plot: uPlot): void {
    for (const band of this.#surroundings.bands) {
      const left = Math.max(plot.valToPos(band.from, 'x', true), plot.bbox.left)
      const right = Math.min(plot.valToPos(band.to, 'x', true), plot.bbox.left + plot.bbox.width)
      if (right <= left) continue
      plot.ctx.fillStyle = colour(`band-${band.name}`)
      plot.ctx.fillRect(left, plot.bbox.top, right - left, plot.bbox.height)
    }
  }

  #drawMarks(plot: uPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.lineWidth = devicePixelRatio
    for (const { at, kind } of this.#surroundings.marks) {
      const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5
      if (x < bbox.left || x > bbox.left + bbox.width) continue
      ctx.strokeStyle = colour('mark')
      ctx.setLineDash(kind === 'undo' ? [3 * devicePixelRatio, 3 * devicePixelRatio] : [])
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.restore()
  }
}

const axisFont = '11px Inter, system-ui, sans-serif'
const timeSteps = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
]

function timeTick(milliseconds: number): string {
  const sign = milliseconds < 0 ? '−' : ''
  const seconds = Math.abs(milliseconds) / 1000
  if (seconds < 120) return `${sign}${Number(seconds.toFixed(1))} s`
  return `${sign}${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`
}

/** uPlot wants `null` of a handler that leaves nothing to be done. */
function resetOf(window: TimeWindow): null {
  window.reset()
  return null
}

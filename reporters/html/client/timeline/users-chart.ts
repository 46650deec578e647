import type uPlot from 'uplot'
import { formatMilliseconds } from '../../../../src/support/quantities.ts'
import type { HypothesisView, SecondView, TrafficView } from '../../view.ts'
import type { TimeAxis } from '../axis.ts'
import type { UserRequest } from '../data.ts'
import { formatCount } from '../format.ts'
import { colourOfOutcome, inOutcomeOrder, isSuccess, nameOfOutcome } from '../outcomes.ts'
import { colour } from '../theme.ts'
import type { ChartSpec } from './chart.ts'

/** A second of some traffic, on the time axis. */
interface Slice extends SecondView {
  from: number
  to: number
}

/** The seconds of all traffic; those of one stream have no gap between them. */
function slicesOf(traffic: readonly TrafficView[], { zero }: TimeAxis): Slice[][] {
  return traffic.map(({ seconds, from }) =>
    seconds.map((second, index) => {
      const before = seconds[index - 1]?.at ?? from
      const start = Math.max(before, second.at - 1100)
      return { ...second, from: start - zero, to: second.at - zero }
    }),
  )
}

/** The requests of each second by outcome, stacked. Absent where there were no users. */
export function requestsChart({ traffic }: HypothesisView, axis: TimeAxis): ChartSpec | undefined {
  const slices = slicesOf(traffic, axis)
    .flat()
    .sort((a, b) => a.from - b.from)
  if (slices.length === 0) return undefined
  const outcomes = inOutcomeOrder(slices.flatMap((slice) => Object.keys(slice.outcomes)))
  const most = Math.max(
    1,
    ...slices.map((slice) => sum(slice.outcomes)),
    ...traffic.map(({ perSecond = 0 }) => perSecond),
  )
  return {
    title: 'Requests',
    unit: 'ended per second',
    heightPx: 132,
    data: [
      slices.map(({ from, to }) => (from + to) / 2),
      ...outcomes.map((outcome) => slices.map((slice) => slice.outcomes[outcome] ?? 0)),
    ],
    series: outcomes.map((outcome) => ({
      label: nameOfOutcome(outcome),
      colour: colourOfOutcome(outcome),
      format: formatCount,
    })),
    ...(traffic.some(({ perSecond }) => perSecond !== undefined)
      ? { extraKeys: [{ label: 'planned', colour: 'ink-3', isLine: true }] }
      : {}),
    y: { range: () => [0, most * 1.12] },
    ticks: (values) => values.map((value) => (Number.isInteger(value) ? formatCount(value) : '')),
    draw: (plot) => {
      drawBars(plot, slices, outcomes)
      drawPlanned(plot, traffic, axis)
    },
  }
}

function sum(outcomes: Readonly<Record<string, number>>): number {
  return Object.values(outcomes).reduce((total, count) => total + count, 0)
}

function drawBars(plot: uPlot, slices: readonly Slice[], outcomes: readonly string[]): void {
  clipped(plot, () => {
    for (const slice of slices) {
      const left = Math.round(plot.valToPos(slice.from, 'x', true))
      const right = Math.round(plot.valToPos(slice.to, 'x', true))
      let total = 0
      for (const outcome of outcomes) {
        const count = slice.outcomes[outcome] ?? 0
        if (count === 0) continue
        const bottom = plot.valToPos(total, 'y', true)
        total += count
        const top = plot.valToPos(total, 'y', true)
        plot.ctx.fillStyle = colour(colourOfOutcome(outcome))
        plot.ctx.fillRect(left, top, Math.max(1, right - left - gapOf(right - left)), bottom - top)
      }
    }
  })
}

function gapOf(width: number): number {
  return width > 6 * devicePixelRatio ? devicePixelRatio : 0
}

/** What the arrival rate planned: what is missing below the line did not end in that second. */
function drawPlanned(plot: uPlot, traffic: readonly TrafficView[], { zero }: TimeAxis): void {
  clipped(plot, () => {
    const { ctx } = plot
    ctx.strokeStyle = colour('ink-3')
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
    for (const { from, to, perSecond } of traffic) {
      if (perSecond === undefined) continue
      const y = Math.round(plot.valToPos(perSecond, 'y', true)) + 0.5
      ctx.beginPath()
      ctx.moveTo(plot.valToPos(from - zero, 'x', true), y)
      ctx.lineTo(plot.valToPos(to - zero, 'x', true), y)
      ctx.stroke()
    }
  })
}

const percentiles = [
  { label: 'p50', colour: 'p50', line: { widthPx: 1.25 } },
  { label: 'p90', colour: 'p90', line: { widthPx: 1.25 } },
  { label: 'p99', colour: 'p99', line: { widthPx: 2 } },
]

/** What a click on a chart opens. */
export type OpenTrace = (traceId: string) => void

/** Latency percentiles of each second on a logarithmic scale, over the requests themselves. */
export function latencyChart(
  { traffic }: HypothesisView,
  axis: TimeAxis,
  requests: () => readonly UserRequest[],
  open: OpenTrace,
): ChartSpec | undefined {
  const streams = slicesOf(traffic, axis).filter((stream) => stream.some(({ latencyMs }) => latencyMs))
  const points = streams
    .flatMap((stream) => [...stream, undefined])
    .map((slice) => ({ at: slice ? (slice.from + slice.to) / 2 : Number.NaN, latencyMs: slice?.latencyMs }))
  const values = points.flatMap(({ latencyMs }) => latencyMs ?? []).filter((value) => value > 0)
  if (values.length === 0) return undefined
  // Between two streams there is a gap: a point without values, in the middle of it.
  for (const [index, point] of points.entries()) {
    if (!Number.isNaN(point.at)) continue
    point.at = ((points[index - 1]?.at ?? 0) + (points[index + 1]?.at ?? (points[index - 1]?.at ?? 0) + 2)) / 2
  }
  const sorted = points.toSorted((a, b) => a.at - b.at)
  const lowest = 10 ** Math.floor(Math.log10(Math.max(0.01, Math.min(...values))))
  const highest = roundedUp(Math.max(...values) * 1.1)
  return {
    title: 'Latency',
    unit: 'from the planned time; each dot is a request',
    heightPx: 148,
    data: [
      sorted.map(({ at }) => at),
      ...[0, 1, 2].map((index) => sorted.map(({ latencyMs }) => latencyMs?.[index] ?? null)),
    ],
    series: percentiles.map((each) => ({ ...each, isLine: true, format: formatMilliseconds })),
    y: { distr: 3, range: () => [lowest, highest] },
    splits: () => powersOfTen(lowest, highest),
    ticks: (ticks) => ticks.map((value) => formatMilliseconds(value)),
    draw: (plot) => drawRequests(plot, requests(), axis),
    click: (plot, left, top) => {
      const nearest = nearestRequest(plot, requests(), axis, left, top)
      if (nearest) open(nearest.traceId)
    },
  }
}

/** 1, 2 or 5 of a power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}

function powersOfTen(lowest: number, highest: number): number[] {
  const powers: number[] = []
  for (let power = lowest; power <= highest * 1.001; power *= 10) powers.push(power)
  return powers
}

function drawRequests(plot: uPlot, requests: readonly UserRequest[], { zero }: TimeAxis): void {
  const radius = (requests.length > 3000 ? 1 : 1.6) * devicePixelRatio
  clipped(plot, () => {
    plot.ctx.globalAlpha = 0.55
    // Failures last: they must not be hidden.
    for (const isFailed of [false, true]) {
      for (const request of requests) {
        if (request.isFailed !== isFailed) continue
        plot.ctx.fillStyle = dotColour(request)
        plot.ctx.beginPath()
        plot.ctx.arc(
          plot.valToPos(request.at + request.latencyMs - zero, 'x', true),
          plot.valToPos(Math.max(0.01, request.latencyMs), 'y', true),
          radius,
          0,
          2 * Math.PI,
        )
        plot.ctx.fill()
      }
    }
  })
}

function dotColour({ outcome, isFailed }: UserRequest): string {
  return colour(isFailed && isSuccess(outcome) ? 'failed-other' : colourOfOutcome(outcome))
}

const reachPx = 12

function nearestRequest(
  plot: uPlot,
  requests: readonly UserRequest[],
  { zero }: TimeAxis,
  left: number,
  top: number,
): UserRequest | undefined {
  let nearest: UserRequest | undefined
  let distance = reachPx
  for (const request of requests) {
    const x = plot.valToPos(request.at + request.latencyMs - zero, 'x')
    const y = plot.valToPos(request.latencyMs, 'y')
    const away = Math.hypot(x - left, y - top)
    if (away >= distance) continue
    nearest = request
    distance = away
  }
  return nearest
}

/** Draws within the plot alone, and leaves the canvas as it was. */
export function clipped({ ctx, bbox }: uPlot, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw()
  ctx.restore()
}

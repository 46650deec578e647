import type uPlot from 'uplot'
import type { ReadyCounts } from '../../../../src/journal/events.ts'
import type { ReadinessView } from '../../view.ts'
import type { TimeAxis } from '../axis.ts'
import { formatCount } from '../format.ts'
import { colour } from '../theme.ts'
import type { ChartSpec } from './chart.ts'
import { clipped } from './users-chart.ts'

/** Who was ready from one time to another. */
interface ReadySpan extends ReadyCounts {
  from: number
  to: number
}

const kinds = [
  { key: 'before', label: 'old, ready', colour: 'pods-old' },
  { key: 'later', label: 'new, ready', colour: 'pods-new' },
  { key: 'notReady', label: 'not ready', colour: 'pods-waiting' },
] as const

/** The pods of a workload, or the endpoints of a service: how many of the old version and of the new one were ready. */
export function readinessChart({ subject, steps, until }: ReadinessView, { zero }: TimeAxis): ChartSpec {
  const spans = steps.map(({ at, ...counts }, index): ReadySpan => {
    return { ...counts, from: at - zero, to: (steps[index + 1]?.at ?? until) - zero }
  })
  const most = Math.max(1, ...spans.map(({ before, later, notReady }) => before + later + notReady))
  return {
    title: subject.startsWith('service/') ? 'Endpoints' : 'Pods',
    unit: `of ${subject}`,
    heightPx: Math.min(96, 40 + most * 14),
    data: [spans.map(({ from }) => from), ...kinds.map(({ key }) => spans.map((span) => span[key]))],
    holds: true,
    series: kinds.map(({ label, colour: name }) => ({ label, colour: name, format: formatCount })),
    y: { range: () => [0, most * 1.08] },
    splits: () => wholeNumbers(most),
    ticks: (values) => values.map(String),
    draw: (plot) => drawSpans(plot, spans),
  }
}

function wholeNumbers(most: number): number[] {
  const step = Math.max(1, Math.ceil(most / 4))
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
}

function drawSpans(plot: uPlot, spans: readonly ReadySpan[]): void {
  clipped(plot, () => {
    for (const each of spans) {
      const left = plot.valToPos(each.from, 'x', true)
      const width = plot.valToPos(each.to, 'x', true) - left
      let total = 0
      for (const { key, colour: name } of kinds) {
        if (each[key] === 0) continue
        const bottom = plot.valToPos(total, 'y', true)
        total += each[key]
        const top = plot.valToPos(total, 'y', true)
        plot.ctx.fillStyle = colour(name)
        plot.ctx.fillRect(left, top, Math.max(1, width), bottom - top - devicePixelRatio)
      }
    }
  })
}

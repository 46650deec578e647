import type uPlot from 'uplot'
import { type Pods, podsOf } from '../../../rollout.ts'
import type { HypothesisView, RolloutView } from '../../view.ts'
import type { TimeAxis } from '../axis.ts'
import { formatCount } from '../format.ts'
import { colour } from '../theme.ts'
import type { ChartSpec } from './chart.ts'
import { clipped } from './users-chart.ts'

/** The pods from one time to another. */
interface PodSpan extends Pods {
  from: number
  to: number
}

const kinds = [
  { key: 'old', label: 'old, ready', colour: 'pods-old' },
  { key: 'fresh', label: 'new, ready', colour: 'pods-new' },
  { key: 'waiting', label: 'not ready', colour: 'pods-waiting' },
] as const

/** The pods of a workload while it was rolled out: how many of the old version and of the new one were ready. */
export function rolloutChart(rollout: RolloutView, hypothesis: HypothesisView, axis: TimeAxis): ChartSpec | undefined {
  const pods = spansOf(rollout, hypothesis, axis)
  if (pods.length === 0) return undefined
  const most = Math.max(1, ...pods.map(({ old, fresh, waiting }) => old + fresh + waiting))
  return {
    title: 'Pods',
    unit: `of ${rollout.subject}`,
    heightPx: Math.min(96, 40 + most * 14),
    data: [pods.map(({ from }) => from), ...kinds.map(({ key }) => pods.map((each) => each[key]))],
    series: kinds.map(({ label, colour: name }) => ({ label, colour: name, format: formatCount })),
    y: { range: () => [0, most * 1.08] },
    splits: () => wholeNumbers(most),
    ticks: (values) => values.map(String),
    draw: (plot) => drawPods(plot, pods),
  }
}

/** What the progress told, each until the next; the last until it was undone. */
function spansOf({ steps }: RolloutView, hypothesis: HypothesisView, { zero }: TimeAxis): PodSpan[] {
  const undoneAt = hypothesis.actions.flatMap(({ undo }) => undo?.startedAt ?? [])
  const end = Math.min(hypothesis.endedAt, ...undoneAt.filter((at) => at > (steps.at(-1)?.at ?? 0)))
  const known = steps.flatMap(({ at, counts }) => (counts ? [{ at, pods: podsOf(counts) }] : []))
  return known.map(({ at, pods }, index) => ({ ...pods, from: at - zero, to: (known[index + 1]?.at ?? end) - zero }))
}

function wholeNumbers(most: number): number[] {
  const step = Math.max(1, Math.ceil(most / 4))
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
}

function drawPods(plot: uPlot, pods: readonly PodSpan[]): void {
  clipped(plot, () => {
    for (const each of pods) {
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

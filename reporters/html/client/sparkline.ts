import type { HypothesisView } from '../view.ts'
import { phaseBands, timeAxis } from './axis.ts'
import { svg } from './dom.ts'
import { inOutcomeOrder, isSuccess } from './outcomes.ts'

const width = 240
const height = 44

/** A hypothesis at a glance: its phases, and the requests of each second by outcome. */
export function sparkline(hypothesis: HypothesisView): SVGElement {
  const axis = timeAxis(hypothesis)
  const x = (at: number) => ((at - axis.from) / (axis.to - axis.from)) * width
  const seconds = hypothesis.traffic.flatMap((traffic) => traffic.seconds)
  const totals = seconds.map(({ outcomes }) => Object.values(outcomes).reduce((sum, count) => sum + count, 0))
  const most = Math.max(1, ...totals)
  const bands = phaseBands(hypothesis, axis).map(({ name, from, to }) =>
    svg('rect', { class: `band band-${name}`, x: x(from), y: 0, width: x(to) - x(from), height }),
  )
  const bars = seconds.flatMap(({ at, outcomes }) => {
    let y = height
    return inOutcomeOrder(Object.keys(outcomes)).map((outcome) => {
      const size = ((outcomes[outcome] ?? 0) / most) * (height - 4)
      y -= size
      const left = x(at - axis.zero - 1000)
      const wide = Math.max(0.6, x(at - axis.zero) - left - 0.5)
      return svg('rect', {
        class: `fill-${isSuccess(outcome) ? 'answered' : 'failed'}`,
        x: left,
        y,
        width: wide,
        height: size,
      })
    })
  })
  const marks = hypothesis.actions.map(({ from }) => {
    const left = x(from - axis.zero)
    return svg('path', { class: 'spark-mark', d: `M${left} 0V${height}` })
  })
  return svg(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    bands,
    bars,
    marks,
  )
}

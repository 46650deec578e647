import { isDeepStrictEqual } from 'node:util'
import type { HypothesisState } from '../../src/journal/state.ts'
import { readyBy, rolloutCounts } from '../rollout.ts'
import type { ReadinessView } from './view.ts'

/** More could not be told apart below each other. */
const mostShown = 6

/**
 * Who was ready in a hypothesis: what was seen of pods and endpoints, where any of it changed; and of a workload whose pods
 * could not be looked at, what its status told while a spec waited for its rollout.
 */
export function readinessOf(hypothesis: HypothesisState, endedAt: number): ReadinessView[] {
  const seen = seenIn(hypothesis, endedAt)
  const told = toldIn(hypothesis, endedAt).filter(({ subject }) => !seen.some((each) => each.subject === subject))
  const isService = ({ subject }: ReadinessView) => subject.startsWith('service/')
  return [...told, ...seen]
    .filter(({ subject, steps }) => steps.length > 1 || told.some((each) => each.subject === subject))
    .sort((a, b) => Number(isService(a)) - Number(isService(b)))
    .slice(0, mostShown)
}

function seenIn({ readiness }: HypothesisState, endedAt: number): ReadinessView[] {
  return [...Map.groupBy(readiness, ({ subject }) => subject)].map(([subject, views]) => ({
    subject,
    steps: views
      .filter(({ ready }, index) => !isDeepStrictEqual(ready, views[index - 1]?.ready))
      .map(({ at, ready }) => ({ at, ...ready })),
    until: endedAt,
  }))
}

/** The status is told of until the rollout ends: from the undo on nothing is known. */
function toldIn({ progress, actions }: HypothesisState, endedAt: number): ReadinessView[] {
  return [...Map.groupBy(progress, ({ subject }) => subject)].flatMap(([subject, views]) => {
    const steps = views.flatMap(({ at, data }) => {
      const counts = rolloutCounts(data)
      return counts ? [{ at, ...readyBy(counts) }] : []
    })
    const last = steps.at(-1)
    if (!last) return []
    const undoneAt = actions.flatMap(({ undo }) => undo?.startedAt ?? []).filter((at) => at > last.at)
    return [{ subject, steps, until: Math.min(endedAt, ...undoneAt) }]
  })
}

import type { ChaosEvent } from '../../src/journal/events.ts'
import { type HypothesisState, hypothesesOf, type RunState } from '../../src/journal/state.ts'
import { formatMilliseconds } from '../../src/support/quantities.ts'
import { oneLine, type Style, truncate, widthOf } from './style.ts'
import { renderNotice } from './summary.ts'
import { viewOfHypothesis } from './verdicts.ts'

/**
 * The lines that stay on the screen when an event has happened, most often none.
 *
 * @param state the state after the event.
 * @param isLive whether a live block shows the phases: else each gets a line.
 */
export function renderLines(event: ChaosEvent, state: RunState, isLive: boolean, style: Style): string[] {
  switch (event.type) {
    case 'hypothesis-ended':
      return withHypothesis(event, state, (hypothesis) => endLine(hypothesis, style))
    case 'phase-started':
      return isLive
        ? []
        : withHypothesis(event, state, (hypothesis) => phaseLine(event, event.phase, hypothesis, state, style))
    case 'worker-died':
      return [
        style.chalk.red(
          truncate(`✗ the worker of ${oneLine(event.file ?? 'a spec')} died (pid ${event.pid})`, style.width),
        ),
      ]
    case 'interrupted':
      return [style.chalk.yellow(truncate(`■ interrupted by ${oneLine(event.signal)}: rolling back`, style.width))]
    case 'notice':
      return isLive ? renderNotice(event, style) : []
    default:
      return []
  }
}

function withHypothesis(event: ChaosEvent, state: RunState, render: (hypothesis: HypothesisState) => string): string[] {
  const hypothesis = hypothesesOf(state).find(({ id }) => id === event.hypothesis)
  return hypothesis ? [render(hypothesis)] : []
}

function endLine(hypothesis: HypothesisState, { chalk, width }: Style): string {
  const view = viewOfHypothesis(hypothesis)
  const took = formatMilliseconds((hypothesis.outcome?.at ?? hypothesis.startedAt) - hypothesis.startedAt)
  const head = `${view.mark} ${view.name}`
  const title = truncate(oneLine(hypothesis.title), width - widthOf(head) - took.length - 4)
  return `${view.color(chalk)(head)}  ${title}  ${chalk.dim(took)}`
}

const phaseWidth = 8

function phaseLine(
  event: ChaosEvent,
  phase: string,
  hypothesis: HypothesisState,
  state: RunState,
  { chalk, width }: Style,
): string {
  const since = formatMilliseconds(Math.max(0, event.at - (state.run?.startedAt ?? hypothesis.startedAt))).padStart(9)
  const head = `${since}  ${phase.padEnd(phaseWidth)}  `
  return `${chalk.dim(head)}${truncate(oneLine(hypothesis.title), width - head.length)}`
}

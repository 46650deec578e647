import type { ChalkInstance } from 'chalk'
import { type HypothesisState, type ShownVerdict, shownVerdict } from '../../src/journal/state.ts'
import { severity } from '../../src/journal/verdict.ts'

/** How a verdict is shown, and what it asks of the reader. */
export interface VerdictView {
  mark: string
  name: string
  color(chalk: ChalkInstance): ChalkInstance
  /** What a run that comes to it means, and what to do next. */
  advice: string
}

const views: Record<ShownVerdict, VerdictView> = {
  held: { mark: '✓', name: 'held', color: (chalk) => chalk.green, advice: '' },
  'known-weakness': { mark: '≈', name: 'known weakness', color: (chalk) => chalk.cyan, advice: '' },
  'dry-run': { mark: '○', name: 'dry run', color: (chalk) => chalk.cyan, advice: '' },
  'steady-state': { mark: '✓', name: 'steady', color: (chalk) => chalk.green, advice: '' },
  deviated: {
    mark: '✗',
    name: 'deviated',
    color: (chalk) => chalk.red,
    advice:
      'The system did not behave as a hypothesis says. Look at what users saw and at the trace. If this is a weakness to live with for now, document it with hypothesis.deviates.',
  },
  usage: {
    mark: '✗',
    name: 'usage',
    color: (chalk) => chalk.red,
    advice: 'The command line, the config or a spec is wrong. Mend it as the message says, and run again.',
  },
  unsteady: {
    mark: '○',
    name: 'unsteady',
    color: (chalk) => chalk.yellow,
    advice: 'The steady state was not there, so nothing was done. Get the system healthy first, and run again.',
  },
  inconclusive: {
    mark: '?',
    name: 'inconclusive',
    color: (chalk) => chalk.yellow,
    advice:
      'There were too few data to tell. Let the traffic flow longer, or see why Prometheus has no samples, and run again.',
  },
  failed: {
    mark: '✗',
    name: 'failed',
    color: (chalk) => chalk.red,
    advice:
      'An action or a probe broke, which says nothing about the system. Mend what the reason names, and run again.',
  },
  'not-restored': {
    mark: '!',
    name: 'not restored',
    color: (chalk) => chalk.red.bold,
    advice:
      'The target may not be as it was: something is still owed, or the steady state did not come back. Mend what the reason names; "npx chaos-test recover" undoes what is owed.',
  },
  interrupted: {
    mark: '■',
    name: 'interrupted',
    color: (chalk) => chalk.yellow,
    advice: 'The run was cut short, so it says nothing of what did not end. Run again.',
  },
  unfinished: { mark: '·', name: 'unfinished', color: (chalk) => chalk.yellow, advice: '' },
}

export function viewOf(verdict: ShownVerdict): VerdictView {
  return views[verdict]
}

export function viewOfHypothesis(hypothesis: HypothesisState): VerdictView {
  return views[shownVerdict(hypothesis)]
}

/** The views in the order in which they are counted: the best first. */
export const viewsInOrder: readonly VerdictView[] = [
  views.held,
  views['known-weakness'],
  views['dry-run'],
  views['steady-state'],
  ...severity
    .filter((verdict) => verdict !== 'held')
    .map((verdict) => views[verdict])
    .reverse(),
  views.unfinished,
]

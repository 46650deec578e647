import { type FileState, type HypothesisState, isOwed } from '../../src/journal/state.ts'
import { count } from '../../src/support/count.ts'
import { formatFraction, formatMilliseconds } from '../../src/support/quantities.ts'

export interface Explanation {
  sentence: string
  details?: string
  code?: string
}

/** The one sentence that explains what a hypothesis came to, and what more there is to say of it. */
export function explain(hypothesis: HypothesisState, file: FileState | undefined): Explanation {
  const { outcome } = hypothesis
  if (!outcome) return { sentence: unfinished(file) }
  const { reason, code } = outcome
  if (reason === undefined) return { sentence: whyItHeld(hypothesis) }
  const [first = reason, ...rest] = reason.split('\n\n')
  const details = rest.join('\n\n')
  return { sentence: capitalised(first), ...(details ? { details } : {}), ...(code ? { code } : {}) }
}

function unfinished(file: FileState | undefined): string {
  if (file?.workerDied) return 'Its worker died before it came to an end.'
  return 'Its end was never recorded: it still runs, or the command died.'
}

function whyItHeld({ traffic, actions }: HypothesisState): string {
  const method = traffic.filter(({ phase, summary }) => summary && (phase === undefined || phase === 'method'))
  const sum = (key: 'planned' | 'completed' | 'failed' | 'dropped') =>
    method.reduce((total, { summary }) => total + (summary?.[key] ?? 0), 0)
  const restored = actions.length > 0 && !actions.some(isOwed) ? ' What was done is undone.' : ''
  if (method.length === 0) return `All of its assertions held.${restored}`
  const slowest = Math.max(...method.map(({ summary }) => summary?.latencyMs.p99 ?? 0))
  const sent = sum('planned') - sum('dropped')
  const share = sum('failed') === 0 ? 'none failed' : `${formatFraction(sum('failed') / sent)} failed`
  return `${count(sent, 'request')}, ${share}; 99 of 100 took less than ${formatMilliseconds(slowest)}.${restored}`
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

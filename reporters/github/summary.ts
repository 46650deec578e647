import { traceLinkOf } from '../../src/journal/experiment.ts'
import { type ActionState, type HypothesisState, hypothesesOf, isOwed, type RunState } from '../../src/journal/state.ts'
import { count } from '../../src/support/count.ts'
import { formatFraction, formatMilliseconds } from '../../src/support/quantities.ts'
import { explain } from '../html/explain.ts'
import { viewOf, viewOfHypothesis, viewsInOrder } from '../terminal/verdicts.ts'
import { requestsChart, sparkline } from './chart.ts'
import { details, link, plain, table } from './markdown.ts'
import type { MethodSeconds } from './seconds.ts'

/** A summary has room for 1 MiB; of more hypotheses only the table is shown. */
const mostDetails = 100

/** A run in Markdown: its verdicts, what was undone and what is owed, and the details of each hypothesis. */
export function renderSummary(state: RunState, seconds: MethodSeconds): string {
  const hypotheses = hypothesesOf(state)
  const lines = [
    `## ${headline(state)}`,
    '',
    ...interruptionOf(state),
    ...(hypotheses.length > 0
      ? table(
          tableHead,
          hypotheses.map((each) => row(state, each, seconds)),
        )
      : []),
    '',
    ...restoredOf(state),
    ...hypotheses.slice(0, mostDetails).flatMap((each) => detailsOf(state, each, seconds)),
    ...state.notices.map(({ message }) => `> ${plain(message)}`),
  ]
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`
}

function headline(state: RunState): string {
  const { ended, run, lastEventAt } = state
  const hypotheses = hypothesesOf(state)
  const counts = viewsInOrder.flatMap((view) => {
    const number = hypotheses.filter((hypothesis) => viewOfHypothesis(hypothesis) === view).length
    return number > 0 ? [`${number} ${view.name}`] : []
  })
  const end = ended?.at ?? lastEventAt
  const took = run && end !== undefined ? ` · ${formatMilliseconds(end - run.startedAt)}` : ''
  const mark = ended ? viewOf(ended.verdict).mark : '■'
  return `${mark} chaos-test: ${counts.join(', ') || count(hypotheses.length, 'hypothesis', 'hypotheses')}${took}`
}

function interruptionOf({ interruption, ended }: RunState): string[] {
  if (!interruption) return []
  const rest = ended ? '' : ' It is rolling back: what follows is how far it has come.'
  return [`**Interrupted by ${plain(interruption.signal)}.**${rest}`, '']
}

const tableHead = ['', 'hypothesis', 'verdict', 'users', 'p99', 'failed over time', 'trace']

function row(state: RunState, hypothesis: HypothesisState, seconds: MethodSeconds): string[] {
  const { mark, name } = viewOfHypothesis(hypothesis)
  const { users, p99 } = usersOf(hypothesis)
  const { traceId } = hypothesis
  const trace = traceId ? link(`\`${traceId.slice(0, 8)}\``, traceLinkOf(state, hypothesis)) : ''
  return [mark, plain(hypothesis.title), name, users, p99, sparkline(seconds.of(hypothesis.id)), trace]
}

function usersOf({ traffic }: HypothesisState): { users: string; p99: string } {
  const summaries = traffic.flatMap(({ phase, summary }) =>
    summary && (phase === undefined || phase === 'method') ? [summary] : [],
  )
  if (summaries.length === 0) return { users: '', p99: '' }
  const sum = (key: 'planned' | 'failed' | 'dropped') => summaries.reduce((total, each) => total + each[key], 0)
  const sent = sum('planned') - sum('dropped')
  const share =
    sent > 0 ? `${formatFraction(sum('failed') / sent)} of ${sent.toLocaleString('en-US')} failed` : 'none sent'
  return { users: share, p99: formatMilliseconds(Math.max(...summaries.map(({ latencyMs }) => latencyMs.p99))) }
}

/** What somebody who sees a run that failed or was cancelled must know first: is the target as it was? */
function restoredOf(state: RunState): string[] {
  const actions = [
    ...state.actions,
    ...state.files.flatMap((file) => [...file.actions, ...file.hypotheses.flatMap(actionsOf)]),
  ]
  const withUndo = actions.filter(({ undo }) => undo !== undefined)
  if (withUndo.length === 0) return []
  const owed = withUndo.filter(isOwed)
  const undone = `${count(withUndo.length - owed.length, 'action')} undone`
  if (owed.length === 0) return [`**Restored**: ${undone}, nothing is owed.`, '']
  return [
    `**Not restored** (${undone}): ${owed.length} still owed. \`npx chaos-test recover\` tries again.`,
    '',
    ...owed.map(({ undo }) => `- ${plain(undo?.title ?? '')}${undo?.error ? `: ${plain(undo.error.message)}` : ''}`),
    '',
  ]
}

function actionsOf({ actions }: HypothesisState): readonly ActionState[] {
  return actions
}

function detailsOf(state: RunState, hypothesis: HypothesisState, seconds: MethodSeconds): string[] {
  const { mark, name } = viewOfHypothesis(hypothesis)
  const file = state.files.find(({ path }) => path === hypothesis.file)
  const href = traceLinkOf(state, hypothesis)
  const { sentence, code } = explain(hypothesis, file)
  const body = [
    `${plain(sentence)}${code ? ` \`${code}\`` : ''}`,
    '',
    ...requestsChart(seconds.of(hypothesis.id)),
    '',
    ...hypothesis.actions.map(actionLine),
    ...hypothesis.findings.map(({ title }) => `- finding: ${plain(title)}`),
    `- spec: \`${hypothesis.file}${hypothesis.line === undefined ? '' : `:${hypothesis.line}`}\``,
    ...(hypothesis.traceId ? [`- trace: ${link(`\`${hypothesis.traceId}\``, href)}`] : []),
  ]
  return details(`${mark} ${name}: ${plain(hypothesis.title)}`, body, hypothesis.outcome?.verdict !== 'held')
}

function actionLine({ id, title, error, undo }: ActionState): string {
  const failed = error ? `, which failed: ${plain(error.message)}` : ''
  const state = undo
    ? { owed: '**still owed**', failed: '**still owed**', undone: 'undone', 'target-gone': 'target gone' }
    : undefined
  const by = undo?.by && undo.by !== 'worker' ? ` by the ${plain(undo.by)}` : ''
  return `- ${plain(title ?? id)}${failed}${undo && state ? ` → ${plain(undo.title)}: ${state[undo.status]}${by}` : ''}`
}

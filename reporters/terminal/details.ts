import { traceLinkOf } from '../../src/journal/experiment.ts'
import {
  type ActionState,
  type FindingView,
  type HypothesisState,
  isKnownWeakness,
  isOwed,
  type PhaseState,
  type PlannedAction,
  type PrometheusReading,
  placeOf,
  type RunState,
  type SteadyStateCheck,
  type TrafficState,
  type UndoState,
} from '../../src/journal/state.ts'
import { formatMilliseconds } from '../../src/support/quantities.ts'
import { trafficSentences } from './numbers.ts'
import { harmless, hyperlink, oneLine, type Style, truncate, wrap } from './style.ts'
import { viewOfHypothesis } from './verdicts.ts'

/** All that a person should know of a hypothesis that has ended: little when all is well, everything when it is not. */
export function renderHypothesis(state: RunState, hypothesis: HypothesisState, style: Style): string[] {
  return [...heading(hypothesis, style), ...rows(state, hypothesis, style).flatMap((row) => renderRow(row, style))]
}

/** A labelled part of the details. */
interface Row {
  label: string
  text: string
  color?: 'red' | 'yellow' | 'cyan' | 'dim'
  /** Where the text leads, on a terminal that can follow it. */
  href?: string
}

const labelWidth = 12
const indent = '  '

function heading(hypothesis: HypothesisState, { chalk, width }: Style): string[] {
  const view = viewOfHypothesis(hypothesis)
  const color = view.color(chalk)
  const [first = '', ...rest] = wrap(oneLine(hypothesis.title), width - view.mark.length - view.name.length - 4)
  const continued = ' '.repeat(view.mark.length + view.name.length + 3)
  return [
    `${color(`${view.mark} ${view.name}`)}  ${chalk.bold(first)}`,
    ...rest.map((line) => `${continued}${chalk.bold(line)}`),
  ]
}

function renderRow({ label, text, color, href }: Row, { chalk, width }: Style): string[] {
  const colored = color ? chalk[color] : (line: string) => line
  const paint = href === undefined ? colored : (line: string) => hyperlink(colored(line), oneLine(href))
  const lines = wrap(harmless(text), width - indent.length - labelWidth)
  return lines.map((line, index) => {
    const name = (index === 0 ? label : '').padEnd(labelWidth)
    return `${indent}${chalk.dim(name)}${paint(line)}`.trimEnd()
  })
}

function rows(state: RunState, hypothesis: HypothesisState, style: Style): Row[] {
  const isWell = hypothesis.outcome?.verdict === 'held'
  const file = state.files.find(({ path }) => path === hypothesis.file)
  const shown = isWell ? inMethod : () => true
  return [
    ...reasonRows(hypothesis),
    ...(isWell ? [] : phaseRows(hypothesis.phases)),
    ...(isWell ? [] : methodRows(hypothesis)),
    ...(isWell ? [] : missedChecks([...(file?.checks ?? []), ...hypothesis.checks]).map(checkRow)),
    ...hypothesis.traffic.filter(shown).map(trafficRow),
    ...hypothesis.prometheus.filter(shown).map(prometheusRow),
    ...hypothesis.findings.map(findingRow),
    ...hypothesis.planned.flatMap(plannedRows),
    ...hypothesis.actions.flatMap(actionRows),
    ...traceRows(state, hypothesis, style),
    { label: 'spec', text: placeOf(hypothesis), color: 'dim' },
  ]
}

function inMethod({ phase }: { phase?: PhaseState['phase'] }): boolean {
  return phase === undefined || phase === 'method'
}

function reasonRows(hypothesis: HypothesisState): Row[] {
  const { outcome } = hypothesis
  if (!outcome)
    return [{ label: 'why', text: 'Its end was never recorded: its worker, or the command, died.', color: 'yellow' }]
  if (!outcome.reason) return []
  const code = outcome.code ? ` [${outcome.code}]` : ''
  if (isKnownWeakness(hypothesis)) {
    // What is known needs one sentence; what is new, all that can be said.
    const [sentence = ''] = outcome.reason.split('\n\n')
    return [{ label: 'as known', text: `${sentence}${code}`, color: 'cyan' }]
  }
  return [{ label: 'why', text: `${outcome.reason}${code}`, color: warning(outcome.verdict) }]
}

function warning(verdict: string): 'red' | 'yellow' {
  return ['unsteady', 'inconclusive', 'interrupted'].includes(verdict) ? 'yellow' : 'red'
}

/** Where it stopped: how long each phase took, and which of them failed. */
function phaseRows(phases: readonly PhaseState[]): Row[] {
  if (phases.length === 0) return []
  return [{ label: 'phases', text: phases.map(phaseText).join(', ') }]
}

function phaseText({ phase, startedAt, endedAt, error }: PhaseState): string {
  if (endedAt === undefined) return `${phase} (cut short)`
  return `${phase} ${formatMilliseconds(endedAt - startedAt)}${error ? ' (failed)' : ''}`
}

/** What the method came to, where something graver is the reason. */
function methodRows({ phases, outcome }: HypothesisState): Row[] {
  const message = phases.find(({ phase }) => phase === 'method')?.error?.message
  if (message === undefined || outcome?.reason?.includes(message)) return []
  return [{ label: 'method', text: message, color: 'yellow' }]
}

function missedChecks(checks: readonly SteadyStateCheck[]): SteadyStateCheck[] {
  return checks.filter((check) => check.met !== true)
}

function checkRow({ title, phase, met, error }: SteadyStateCheck): Row {
  const found = met === false ? 'not met' : 'could not be told'
  return { label: 'steady', text: `${phase}: "${title}" ${found}${error ? `: ${error.message}` : ''}`, color: 'yellow' }
}

function trafficRow(traffic: TrafficState): Row {
  return { label: 'users', text: inPhase(traffic, trafficSentences(traffic).join('\n')) }
}

function prometheusRow(reading: PrometheusReading): Row {
  return { label: 'prometheus', text: inPhase(reading, `${reading.result}\n${oneLine(reading.query)}`) }
}

function inPhase(item: { phase?: PhaseState['phase'] }, text: string): string {
  return inMethod(item) ? text : `${item.phase}: ${text}`
}

const longestData = 200

function findingRow({ title, data }: FindingView): Row {
  const details = data === undefined ? '' : `\n${truncate(oneLine(JSON.stringify(data) ?? ''), longestData)}`
  return { label: 'finding', text: `${title}${details}`, color: 'cyan' }
}

function plannedRows({ title, undo, rehearsed }: PlannedAction): Row[] {
  const asked = rehearsed ? '' : ' (the target was not asked: only the action itself knows what it does)'
  const would: Row = { label: 'would', text: `${title}${asked}` }
  return undo === undefined ? [would] : [would, { label: 'would undo', text: undo }]
}

function actionRows(action: ActionState): Row[] {
  const problem = action.error
    ? `: ${action.error.message}`
    : action.endedAt === undefined
      ? ': its end is not known'
      : ''
  const done: Row = { label: 'did', text: `${action.title ?? action.id}${problem}` }
  const rows: Row[] = [problem ? { ...done, color: 'yellow' } : done]
  if (action.undo) rows.push(undoRow(action.undo, isOwed(action)))
  return rows
}

function undoRow(undo: UndoState, owed: boolean): Row {
  if (!owed && undo.status === 'target-gone') return { label: 'undone', text: `${undo.title}: its target is gone` }
  const by = undo.by && undo.by !== 'worker' ? ` (by the ${undo.by})` : ''
  if (!owed) return { label: 'undone', text: `${undo.title}${by}` }
  const why = undo.error ? `: ${undo.error.message}` : ''
  return { label: 'STILL OWED', text: `${undo.title}${by}${why}`, color: 'red' }
}

function traceRows(state: RunState, hypothesis: HypothesisState, { links }: Style): Row[] {
  const { traceId } = hypothesis
  if (!traceId) return []
  const href = traceLinkOf(state, hypothesis)
  if (href === undefined) return [{ label: 'trace', text: traceId, color: 'dim' }]
  // Where the terminal can follow a link, its address need not be read.
  return [
    links
      ? { label: 'trace', text: traceId, color: 'dim', href }
      : { label: 'trace', text: `${traceId}\n${href}`, color: 'dim' },
  ]
}

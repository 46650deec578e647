import type { RunMode } from '../../src/journal/events.ts'
import { type ActionState, hypothesesOf, isOwed, type NoticeView, type RunState } from '../../src/journal/state.ts'
import { count } from '../../src/support/count.ts'
import { formatMilliseconds } from '../../src/support/quantities.ts'
import { renderHypothesis } from './details.ts'
import { flow, harmless, type Style, widthOf, wrap } from './style.ts'
import { viewOf, viewOfHypothesis, viewsInOrder } from './verdicts.ts'

/**
 * The end of a run: each hypothesis, what the run itself has to say, and a summary in a line.
 *
 * @param runFolder where to look for more: the folder of the run, or its report
 */
export function renderEnd(state: RunState, runFolder: string, style: Style): string[] {
  const parts = [
    ...hypothesesOf(state).map((hypothesis) => renderHypothesis(state, hypothesis, style)),
    renderLoose(state, style),
    renderNotices(state.notices, style),
    [...renderSummary(state, runFolder, style), ...renderMode(state, style), ...renderAdvice(state, style)],
  ]
  return parts.filter((part) => part.length > 0).flatMap((part) => ['', ...part])
}

/** `4 hypotheses: 3 held, 1 known weakness · 48.2 s · .chaos/runs/…`, on a single line where it fits. */
function renderSummary(state: RunState, runFolder: string, { chalk, width }: Style): string[] {
  const hypotheses = hypothesesOf(state)
  const counts = viewsInOrder.flatMap((view) => {
    const number = hypotheses.filter((hypothesis) => viewOfHypothesis(hypothesis) === view).length
    return number > 0 ? [view.color(chalk)(`${number} ${view.name}`)] : []
  })
  const total = chalk.bold(count(hypotheses.length, 'hypothesis', 'hypotheses'))
  const [first, ...others] = counts
  const head = first === undefined ? [total] : [`${total}: ${first}`, ...others]
  const tail = [...durationOf(state), chalk.dim(runFolder)]
  const whole = [head.join(', '), ...tail].join(' · ')
  return widthOf(whole) <= width ? [whole] : [...flow(head, ', ', width), ...flow(tail, ' · ', width)]
}

function durationOf({ run, ended, lastEventAt }: RunState): string[] {
  const end = ended?.at ?? lastEventAt
  return run && end !== undefined ? [formatMilliseconds(end - run.startedAt)] : []
}

const modes: Record<Exclude<RunMode, 'experiment'>, string> = {
  'dry-run': 'This was a dry run: nothing was done to the target, so it says nothing of the hypotheses.',
  'steady-state': 'Only the steady state was looked at: no hypothesis was played.',
}

function renderMode({ run }: RunState, { chalk, width }: Style): string[] {
  const { mode = 'experiment' } = run ?? {}
  return mode === 'experiment' ? [] : wrap(modes[mode], width).map((line) => chalk.cyan(line))
}

/** What the exit code means, where it is not 0, and what to do next. */
function renderAdvice({ ended, interruption }: RunState, { chalk, width }: Style): string[] {
  if (!ended || ended.exitCode === 0) return []
  const view = viewOf(ended.verdict)
  const by = ended.verdict === 'interrupted' && interruption ? ` by ${interruption.signal}` : ''
  const text = `exit ${ended.exitCode}, ${view.name}${by}: ${view.advice}`
  return wrap(text, width).map((line) => view.color(chalk)(line))
}

/** What hooks did, outside every hypothesis: told only where it failed or is still owed. */
function renderLoose(state: RunState, style: Style): string[] {
  const scopes = [
    { name: 'the run', actions: state.actions },
    ...state.files.map(({ path, actions }) => ({ name: path, actions })),
  ]
  return scopes.flatMap(({ name, actions }) =>
    actions.filter(needsAttention).flatMap((action) => renderOwed(name, action, style)),
  )
}

function needsAttention(action: ActionState): boolean {
  return action.error !== undefined || isOwed(action)
}

function renderOwed(name: string, action: ActionState, { chalk, width }: Style): string[] {
  const title = action.title ?? action.id
  const error = action.undo?.error ?? action.error
  const state = action.undo && isOwed(action) ? `STILL OWED: ${action.undo.title}` : 'failed'
  const text = `${name}: ${title}: ${state}${error ? `: ${error.message}` : ''}`
  return wrap(harmless(text), width).map((line) => chalk.red(line))
}

function renderNotices(notices: readonly NoticeView[], style: Style): string[] {
  return notices.flatMap((notice) => renderNotice(notice, style))
}

export function renderNotice({ message, file }: NoticeView, { chalk, width }: Style): string[] {
  const text = `note: ${file === undefined ? '' : `${file}: `}${message}`
  return wrap(harmless(text), width).map((line) => chalk.yellow(line))
}

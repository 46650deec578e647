import type { Phase, ReadyCounts } from '../../src/journal/events.ts'
import {
  currentPhase,
  type FileState,
  type HypothesisState,
  type ProgressView,
  type RunState,
} from '../../src/journal/state.ts'
import { count } from '../../src/support/count.ts'
import { formatMilliseconds } from '../../src/support/quantities.ts'
import { readyBy, rolloutCounts } from '../rollout.ts'
import { requestsSoFar } from './numbers.ts'
import { lineOf, type Part } from './parts.ts'
import { podBar, sparkline } from './pictures.ts'
import { oneLine, type Style, truncate } from './style.ts'

/**
 * What is going on right now: for each running hypothesis its title, what its users see, and how far a rollout is; one
 * line for a file that is between hypotheses.
 */
export function renderLive(state: RunState, nowMs: number, style: Style): string[] {
  if (state.ended) return []
  if (state.run && state.files.length === 0) return [style.chalk.dim(truncate('◌ getting ready', style.width))]
  const running = state.files.filter((file) => file.endedAt === undefined && !file.workerDied)
  return running.flatMap((file) => renderFile(file, nowMs, style))
}

function renderFile(file: FileState, nowMs: number, style: Style): string[] {
  const running = file.hypotheses.filter((hypothesis) => !hypothesis.outcome)
  if (running.length > 0) return running.flatMap((hypothesis) => renderRunning(hypothesis, nowMs, style))
  const { chalk, width } = style
  const hook = file.hypotheses.length === 0 ? 'getting ready' : 'between hypotheses'
  return [`${chalk.dim('◌')} ${chalk.dim(truncate(`${oneLine(file.path)} · ${hook}`, width - 2))}`]
}

const indent = '  '

function renderRunning(hypothesis: HypothesisState, nowMs: number, style: Style): string[] {
  const { chalk, width } = style
  const progress = progressNow(hypothesis)
  return [
    `${chalk.blue('●')} ${truncate(oneLine(hypothesis.title), width - 2)}`,
    `${indent}${lineOf(usersNow(hypothesis, nowMs, style), ' · ', width - indent.length)}`,
    ...(progress
      ? [
          `${indent}${lineOf(progressParts(progress, readyNow(hypothesis, progress), style), ' ', width - indent.length)}`,
        ]
      : []),
  ]
}

/** The phase and its time; what users see now, and what they have seen so far. */
function usersNow(hypothesis: HypothesisState, nowMs: number, { chalk }: Style): Part[] {
  const { requests, errors } = requestsSoFar(hypothesis.traffic)
  const running = hypothesis.traffic.findLast(({ endedAt }) => endedAt === undefined)
  const latest = running?.lately.at(-1)
  return [
    { text: `${phaseNow(hypothesis)} ${timeOf(hypothesis, nowMs)}`, priority: 3 },
    ...(running && latest
      ? [{ text: `${sparkline(running.lately, chalk)} ${sumOf(latest)}/s`, paint: (text: string) => text, priority: 0 }]
      : []),
    ...(requests > 0 ? [{ text: count(requests, 'request'), paint: chalk.dim, priority: 1 }] : []),
    ...(requests > 0 ? [{ text: count(errors, 'error'), paint: errors > 0 ? chalk.red : chalk.dim, priority: 2 }] : []),
  ]
}

const phaseWords: Record<Phase, string> = {
  before: 'steady state before',
  method: 'method',
  after: 'steady state after',
  rollback: 'rollback',
  restored: 'steady state again',
}

/** Between two phases, the one that has just ended. */
function phaseNow(hypothesis: HypothesisState): string {
  const phase = currentPhase(hypothesis) ?? hypothesis.phases.at(-1)?.phase
  return phase === undefined ? 'starting' : phaseWords[phase]
}

/** `12 s`, or `12 s of 20 s` while users call who will call that long at least. */
function timeOf({ traffic, startedAt }: HypothesisState, nowMs: number): string {
  const expected = traffic.findLast(({ endedAt, atLeastMs }) => endedAt === undefined && atLeastMs !== undefined)
  const elapsed = formatElapsed(nowMs - (expected?.startedAt ?? startedAt))
  return expected?.atLeastMs === undefined ? elapsed : `${elapsed} of ${formatMilliseconds(expected.atLeastMs)}`
}

/** Only what is told of the phase that it is in: what came before is over. Of a rollback, only pods are told. */
function progressNow(hypothesis: HypothesisState): Progress | undefined {
  const phase = currentPhase(hypothesis)
  const told = hypothesis.progress.findLast((progress) => progress.phase === phase)
  if (told || phase !== 'rollback') return told
  const pods = hypothesis.readiness.findLast(({ subject }) => !subject.startsWith('service/'))
  return pods && { subject: pods.subject, message: 'going back' }
}

type Progress = Pick<ProgressView, 'subject' | 'message' | 'data'>

/** Who is ready of what makes progress: as it was seen, else as its status tells; nothing where it has no pods. */
function readyNow({ readiness }: HypothesisState, { subject, data }: Progress): ReadyCounts | undefined {
  const counts = rolloutCounts(data)
  return readiness.findLast((seen) => seen.subject === subject)?.ready ?? (counts && readyBy(counts))
}

function progressParts({ subject, message }: Progress, ready: ReadyCounts | undefined, { chalk }: Style): Part[] {
  const bar = ready ? podBar(ready, chalk) : ''
  return [
    { text: oneLine(subject), priority: 2 },
    ...(bar === '' ? [] : [{ text: bar, paint: (text: string) => text, priority: 1 }]),
    { text: oneLine(message), paint: chalk.dim, priority: 0 },
  ]
}

function sumOf(outcomes: Readonly<Record<string, number>>): number {
  return Object.values(outcomes).reduce((sum, number) => sum + number, 0)
}

/** Whole seconds: a tenth that changes ten times a second is noise. */
function formatElapsed(milliseconds: number): string {
  return formatMilliseconds(Math.floor(Math.max(0, milliseconds) / 1000) * 1000).replace(/^0 ms$/, '0 s')
}

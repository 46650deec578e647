import { currentPhase, type FileState, type HypothesisState, type RunState } from '../../src/journal/state.ts'
import { formatMilliseconds } from '../../src/support/quantities.ts'
import { count, requestsSoFar } from './numbers.ts'
import { oneLine, type Style, truncate } from './style.ts'

/** What is going on right now: two lines for each running hypothesis, one for a file that is between hypotheses. */
export function renderLive(state: RunState, nowMs: number, style: Style): string[] {
  if (state.ended) return []
  if (state.run && state.files.length === 0) return [style.chalk.dim('◌ getting ready')]
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

function renderRunning(hypothesis: HypothesisState, nowMs: number, { chalk, width }: Style): string[] {
  const phase = currentPhase(hypothesis)
  const elapsed = formatElapsed(nowMs - hypothesis.startedAt)
  const { requests, errors } = requestsSoFar(hypothesis.traffic)
  const traffic = requests > 0 ? [`${count(requests, 'request')}, ${count(errors, 'error')}`] : []
  const progress = hypothesis.progress.at(-1)
  const parts = [
    phase ?? 'starting',
    elapsed,
    ...traffic,
    ...(progress ? [`${progress.subject}: ${progress.message}`] : []),
  ]
  return [
    `${chalk.blue('●')} ${truncate(oneLine(hypothesis.title), width - 2)}`,
    `  ${chalk.dim(truncate(oneLine(parts.join(' · ')), width - 2))}`,
  ]
}

/** Whole seconds: a tenth that changes ten times a second is noise. */
function formatElapsed(milliseconds: number): string {
  return formatMilliseconds(Math.floor(Math.max(0, milliseconds) / 1000) * 1000).replace(/^0 ms$/, '0 s')
}

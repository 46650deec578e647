import { join, relative } from 'node:path'
import type { ChaosEvent } from '../src/journal/events.ts'
import { readEvents } from '../src/journal/merge.ts'
import { reduce } from '../src/journal/reduce.ts'
import { emptyRun, type RunState } from '../src/journal/state.ts'
import { messageOf } from '../src/support/errors.ts'
import { annotations } from './github/commands.ts'
import { MethodSeconds } from './github/seconds.ts'
import { writeSection } from './github/section.ts'
import { renderSummary } from './github/summary.ts'
import type { Output } from './terminal/screen.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface GithubOptions {
  /** The project's root. */
  root: string
  output: Pick<Output, 'write'>
  env: Environment
}

/**
 * Shows a run on GitHub: annotations on the lines of the specs, and a summary of the job.
 *
 * GitHub gives a cancelled job ten seconds. So from its interruption on the summary is written anew with each undo: what
 * it says of the target is true whenever the process is ended.
 */
export class GithubReporter {
  readonly #options: GithubOptions
  readonly #seconds = new MethodSeconds()
  #state: RunState = emptyRun

  constructor(options: GithubOptions) {
    this.#options = options
  }

  onEvent(event: ChaosEvent): void {
    this.#state = reduce(this.#state, event)
    this.#seconds.onEvent(event)
    const tells = event.type === 'interrupted' || event.type === 'undo-ended' || event.type === 'hypothesis-ended'
    if (tells && this.#state.interruption) summarize(this.#state, this.#seconds, this.#options.env)
  }

  onEnd(): void {
    const { root, output, env } = this.#options
    summarize(this.#state, this.#seconds, env)
    const workspace = env.GITHUB_WORKSPACE || root
    for (const line of annotations(this.#state, (file) => relative(workspace, join(root, file)))) {
      output.write(`${line}\n`)
    }
  }
}

/** Whether GitHub runs the process. */
export function isOnGithub(env: Environment): boolean {
  return env.GITHUB_ACTIONS === 'true'
}

/** The same for a run whose command has died, by whoever ends it: as long as the job lives. */
export function summarizeOnGithub(runFolder: string, state: RunState, env: Environment): void {
  if (!isOnGithub(env)) return
  const seconds = new MethodSeconds()
  for (const event of readEvents(runFolder)) seconds.onEvent(event)
  summarize(state, seconds, env)
}

/** A summary that cannot be written changes no verdict. */
function summarize(state: RunState, seconds: MethodSeconds, { GITHUB_STEP_SUMMARY: path }: Environment): void {
  if (!path) return
  try {
    writeSection(path, state.run?.id ?? 'run', renderSummary(state, seconds))
  } catch (error) {
    process.stderr.write(`The summary ${path} could not be written: ${messageOf(error)}\n`)
  }
}

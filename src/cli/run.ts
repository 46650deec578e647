import { GithubReporter, isOnGithub } from '../../reporters/github.ts'
import { HtmlReporter } from '../../reporters/html.ts'
import { JournalReporter } from '../../reporters/journal.ts'
import { MetricsReporter } from '../../reporters/metrics.ts'
import { TerminalReporter } from '../../reporters/terminal.ts'
import { loadConfig } from '../config/load.ts'
import { recoverOrphans } from '../guardian/orphans.ts'
import type { RunMode } from '../journal/events.ts'
import { run } from '../runner/run.ts'
import { usageError } from '../support/errors.ts'
import { type TargetFlags, withTarget } from './target-flags.ts'

export interface RunFlags extends TargetFlags {
  config?: string
  testNamePattern?: string
  tagsFilter?: string[]
  reporter?: string[]
  outputFile?: string
  dryRun?: boolean
  only?: 'steady-state'
}

/** Plays spec files. @returns the exit code */
export async function runCommand(
  filters: string[],
  flags: RunFlags,
  { args, version }: { args: readonly string[]; version: string },
): Promise<number> {
  const config = withTarget(await loadConfig(process.cwd(), flags.config), flags)
  const mode = modeOf(flags)
  if (mode === 'experiment') await recoverOrphans(config.root, config.timeouts.rollbackMs)
  const { testNamePattern, tagsFilter, reporter, outputFile } = flags
  const metrics = config.metrics && (await MetricsReporter.listen(config.metrics))
  const played = run({
    config,
    version,
    filters,
    arguments: args,
    mode,
    shownBy: [
      new JournalReporter(),
      new HtmlReporter(),
      new TerminalReporter({ output: process.stdout }),
      ...(metrics ? [metrics] : []),
      ...(isOnGithub(process.env)
        ? [new GithubReporter({ root: config.root, output: process.stdout, env: process.env })]
        : []),
    ],
    ...(testNamePattern === undefined ? {} : { testNamePattern }),
    ...(tagsFilter === undefined ? {} : { tagsFilter }),
    ...(reporter === undefined ? {} : { reporters: reporter }),
    ...(outputFile === undefined ? {} : { outputFile }),
  })
  return await played.finally(() => metrics?.close())
}

/** @throws CHAOS_TWO_MODES (usage) */
function modeOf({ dryRun = false, only }: RunFlags): RunMode {
  if (dryRun && only !== undefined) {
    throw usageError(
      'CHAOS_TWO_MODES',
      `--dry-run plays hypotheses without their actions, --only ${only} plays no hypothesis: leave one of them out.`,
    )
  }
  return dryRun ? 'dry-run' : (only ?? 'experiment')
}

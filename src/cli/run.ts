import { GithubReporter, isOnGithub } from '../../reporters/github.ts'
import { HtmlReporter } from '../../reporters/html.ts'
import { JournalReporter } from '../../reporters/journal.ts'
import type { MetricsOptions } from '../../reporters/metrics.ts'
import { TerminalReporter } from '../../reporters/terminal.ts'
import { loadConfig, type ResolvedConfig } from '../config/load.ts'
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
  outputFile?: string[]
  metricsPort?: string
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
  const served = flags.metricsPort === undefined ? config.metrics : metricsAt(flags.metricsPort, config.metrics)
  const metrics = served && (await (await import('../../reporters/metrics.ts')).MetricsReporter.listen(served))
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
    ...(outputFile === undefined ? {} : { outputFile: outputFiles(outputFile, reporter) }),
  })
  return await played.finally(() => metrics?.close())
}

/** `report.xml` for all reporters, or `junit=report.xml` for one. */
function outputFiles(texts: readonly string[], reporters: readonly string[] = []): string | Record<string, string> {
  const named = texts.flatMap((text) => {
    const name = reporters.find((reporter) => text.startsWith(`${reporter}=`))
    return name === undefined ? [] : [[name, text.slice(name.length + 1)]]
  })
  if (named.length === texts.length) return Object.fromEntries(named)
  if (named.length === 0 && texts.length === 1) return texts[0] ?? ''
  throw usageError(
    'CHAOS_OUTPUT_FILE',
    `"${texts.join('", "')}" do not say which reporter writes where. Write --output-file report.xml for one reporter, or --output-file junit=report.xml --output-file json=report.json with --reporter junit --reporter json.`,
  )
}

/** @throws CHAOS_BAD_PORT (usage) */
function metricsAt(text: string, configured: ResolvedConfig['metrics']): MetricsOptions {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) {
    return { host: '127.0.0.1', lingerMs: 5000, ...configured, port }
  }
  throw usageError(
    'CHAOS_BAD_PORT',
    `"${text}" is not a port. Write --metrics-port 9464, or any number from 1 to 65535.`,
  )
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

import chalk from 'chalk'
import { loadConfig, type ResolvedConfig } from '../config/load.ts'
import { exitCode, worst } from '../journal/verdict.ts'
import type { Permission } from '../kubernetes/api/permissions.ts'
import { collectSpecs, type SpecModule } from '../runner/vitest.ts'
import { type Check, check, ok } from './doctor/check.ts'
import { clusterChecks } from './doctor/cluster.ts'
import { needsFinding } from './doctor/needs.ts'
import { prometheusChecks, traceChecks } from './doctor/observability.ts'
import { projectChecks } from './doctor/project.ts'
import { renderChecks } from './doctor/render.ts'
import { type OpenTarget, openTarget } from './open-target.ts'
import { lastNeeded } from './recorded-permissions.ts'
import { type TargetFlags, withTarget } from './target-flags.ts'

export interface DoctorFlags extends TargetFlags {
  config?: string
  json?: boolean
}

/**
 * Looks at all that a run needs, and changes nothing: a lab that it looks at is one of its own.
 *
 * @returns 0 where a run could begin, else the exit code that it would end with
 */
export async function doctorCommand(filters: string[], flags: DoctorFlags): Promise<number> {
  const config = withTarget(await loadConfig(process.cwd(), flags.config), flags)
  const specs = collectSpecs(config, { filters })
  const checks = [
    ...(await projectChecks(config, specs)),
    // Specs that cannot be collected are a finding of their own.
    ...(await targetChecks(config, await specs.catch(() => []))),
    ...(await traceChecks(config)),
  ]
  const verdict = worst(checks.flatMap(({ status, verdict }) => (status === 'failed' && verdict ? [verdict] : [])))
  const code = exitCode(verdict)
  if (flags.json) console.log(JSON.stringify({ ready: code === 0, target: nameOf(config), checks }, null, 2))
  else console.log(`${renderChecks(checks)}\n\n${conclusion(code)}`)
  return code
}

async function targetChecks(config: ResolvedConfig, specs: readonly SpecModule[]): Promise<Check[]> {
  let opened: OpenTarget | undefined
  const target = await check('target', async () => {
    opened = await openTarget(config)
    return ok(nameOf(config))
  })
  if (!opened) return [target]
  if (config.target === 'none') return [target, ...(await prometheusChecks(opened))]
  try {
    const files = specs.map(({ relativeModuleId }) => relativeModuleId)
    const needed = lastNeeded(config.root, files, opened.reference.namespace)
    return [
      target,
      ...(await clusterChecks(opened.reference, config, [...needed.values()].flat() as Permission[])),
      ...(files.length > 0 ? [await check('needs', () => needsFinding(files, needed))] : []),
      ...(await prometheusChecks(opened)),
    ]
  } finally {
    await opened.close()
  }
}

function nameOf({ target }: ResolvedConfig): string {
  if (target === 'lab') return "a lab of the run's own"
  if (target === 'none') return 'no cluster'
  if ('lab' in target) return `the lab "${target.lab}"`
  return `namespace "${target.namespace}" of the cluster "${target.context}"`
}

function conclusion(code: number): string {
  return code === 0
    ? chalk.green('A run can begin.')
    : chalk.red(`A run would not come to its end (exit ${code}): see what is marked ✗ above.`)
}

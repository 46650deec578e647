import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import chalk from 'chalk'
import { type ClusterTarget, loadConfig, type ResolvedConfig } from '../config/load.ts'
import { discover } from '../kubernetes/candidates.ts'
import { usageError } from '../support/errors.ts'
import { exampleFiles } from './init/example.ts'
import { configFor, specFor } from './init/templates.ts'
import { openTarget } from './open-target.ts'
import { type TargetFlags, withTarget } from './target-flags.ts'

export interface InitFlags extends TargetFlags {
  config?: string
  example?: boolean
}

/**
 * Writes a config and a first spec for a deployment of the target, which both run. What is there already stays as it is.
 *
 * @returns the exit code
 * @throws CHAOS_FILE_EXISTS, CHAOS_NOTHING_TO_BEGIN_WITH, CHAOS_NO_SUCH_DEPLOYMENT (usage): nothing was written
 */
export async function initCommand(name: string | undefined, flags: InitFlags): Promise<number> {
  if (flags.example) return writeExample()
  const config = withTarget(await loadConfig(process.cwd(), flags.config), flags)
  const { target } = config
  if (target === 'none' || (target === 'lab' && config.lab.manifests.length === 0)) throw nothingNamed()
  const opened = await openTarget(config)
  try {
    const { chosen, all } = await discover(opened.reference, name)
    const spec = `specs/${chosen.name}.chaos.ts`
    const files = { ...configFile(config, flags), [spec]: specFor(chosen) }
    write(config.root, files)
    const users = chosen.users ? `its users call service/${chosen.users.service} at ${chosen.users.path}` : noUsers
    console.log(`${chalk.green('✓')} found deployment/${chosen.name}: ${users}`)
    const others = all.filter((each) => each !== chosen.name)
    if (others.length > 0) console.log(chalk.dim(`  others there: ${others.join(', ')} (chaos-test init NAME)`))
    tell(files, config.path === undefined ? '' : targetArguments(flags), target !== 'lab')
  } finally {
    await opened.close()
  }
  return 0
}

const noUsers = 'no service in front of it is reached from this machine, so the spec is without users'

function writeExample(): number {
  const files = exampleFiles()
  write(process.cwd(), files)
  tell(files, '', false)
  return 0
}

/** The config of a cluster that is named by flags, where there is none yet: another one says what its project wants. */
function configFile({ path, target }: ResolvedConfig, { kubeconfig }: InitFlags): Record<string, string> {
  if (path !== undefined || typeof target === 'string' || 'lab' in target) return {}
  const { context, namespace }: ClusterTarget = target
  const named = kubeconfig === undefined ? {} : { kubeconfig }
  return { 'chaos.config.ts': configFor({ context, namespace, ...named }) }
}

/** All of them or none. */
function write(root: string, files: Readonly<Record<string, string>>): void {
  const there = Object.keys(files).filter((path) => existsSync(join(root, path)))
  if (there.length > 0) {
    throw usageError(
      'CHAOS_FILE_EXISTS',
      `${there.join(' and ')} ${there.length > 1 ? 'are' : 'is'} there already, and nothing is overwritten. Nothing was written. Move it away, or name another deployment: chaos-test init NAME.`,
    )
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag: 'wx' })
  }
}

/** What was written, and what may be done with it. */
function tell(files: Readonly<Record<string, string>>, target: string, isShared: boolean): void {
  for (const path of Object.keys(files)) console.log(`${chalk.green('✓')} wrote ${path}`)
  const looks: Array<[string, string]> = isShared
    ? [
        ['chaos-test --only steady-state', 'is what is normal there?'],
        ['chaos-test --dry-run', 'what would be done, and undone?'],
      ]
    : []
  const steps: Array<[string, string]> = [...looks, ['chaos-test', 'plays it']]
  const width = Math.max(...steps.map(([step]) => step.length)) + target.length + 'npx '.length
  console.log(
    `\n${steps.map(([step, why]) => `  ${`npx ${step}${target}`.padEnd(width)}  ${chalk.dim(why)}`).join('\n')}`,
  )
}

function targetArguments({ target, context, namespace, kubeconfig }: InitFlags): string {
  return Object.entries({ target, context, namespace, kubeconfig })
    .map(([flag, value]) => (value === undefined ? '' : ` --${flag} ${value}`))
    .join('')
}

function nothingNamed(): Error {
  return usageError(
    'CHAOS_NOTHING_TO_BEGIN_WITH',
    'No cluster is named, and the config has no manifests for a lab, so there is no deployment to find. Name a cluster with --context NAME --namespace NAME, set lab.manifests in the config, or write a small example with "chaos-test init --example".',
  )
}

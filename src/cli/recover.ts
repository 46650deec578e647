import chalk from 'chalk'
import { loadConfig } from '../config/load.ts'
import { findOrphans, type OrphanReport, recoverOrphans } from '../guardian/orphans.ts'
import { exitCode } from '../journal/verdict.ts'
import { type ErrorView, errorView, messageOf, usageError } from '../support/errors.ts'
import { owedActions } from '../undo/recovery.ts'
import { recoverClusterCommand } from './recover-cluster.ts'

export interface RecoverFlags {
  list?: boolean
  json?: boolean
  context?: string
  namespace?: string
  kubeconfig?: string
}

/** Undoes what runs that have died still owe, or lists it. @returns the exit code */
export async function recoverCommand({ context, ...flags }: RecoverFlags): Promise<number> {
  if (context !== undefined) return await recoverClusterCommand({ context, ...flags })
  const { list = false, json = false, namespace, kubeconfig } = flags
  if (namespace !== undefined || kubeconfig !== undefined) {
    throw usageError(
      'CHAOS_TARGET_NOT_NAMED',
      '--namespace and --kubeconfig are about what a cluster remembers, but no cluster is named: add --context NAME. Without it, what the runs of this folder owe is undone.',
    )
  }
  const root = process.cwd()
  if (list) return listOwed(root, json)
  const reports = findOrphans(root).length > 0 ? await recoverAll(root) : []
  const failed = reports.flatMap((report) => report.failed)
  if (json) {
    console.log(JSON.stringify(reports.map(viewOf), null, 2))
    return failed.length > 0 ? exitCode('not-restored') : 0
  }
  for (const { intent, outcome } of reports.flatMap(({ undone }) => undone)) {
    console.log(`${chalk.green('✓')} ${outcome === 'undone' ? 'undone' : 'target gone'}: ${intent.title}`)
  }
  for (const { intent, error } of failed)
    console.error(`${chalk.red('✗')} still owed: ${intent.title}: ${messageOf(error)}`)
  if (reports.every(({ undone }) => undone.length === 0) && failed.length === 0) console.log('Nothing is owed.')
  return failed.length > 0 ? exitCode('not-restored') : 0
}

/** Where nothing is owed, no config is asked for: it may be broken, and it takes time. */
async function recoverAll(root: string): Promise<OrphanReport[]> {
  const { timeouts } = await loadConfig(root)
  return await recoverOrphans(root, timeouts.rollbackMs)
}

function listOwed(root: string, json: boolean): number {
  const owed = findOrphans(root).flatMap(({ run, folder }) => owedActions(folder).map((action) => ({ run, ...action })))
  if (json) console.log(JSON.stringify(owed, null, 2))
  else if (owed.length === 0) console.log('Nothing is owed.')
  for (const { run, title, target, since } of json ? [] : owed) {
    console.log(`${chalk.yellow('owed')} ${title} on ${target} ${chalk.dim(`since ${since} by run ${run}`)}`)
  }
  return 0
}

/** What `--json` prints of the recovery of a run. */
interface RecoveryView {
  run: string
  undone: Array<{ title: string; outcome: string }>
  owed: Array<{ title: string; error: ErrorView }>
}

function viewOf({ run, undone, failed }: OrphanReport): RecoveryView {
  return {
    run,
    undone: undone.map(({ intent: { title }, outcome }) => ({ title, outcome })),
    owed: failed.map(({ intent: { title }, error }) => ({ title, error: errorView(error) })),
  }
}

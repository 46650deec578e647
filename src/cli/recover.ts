import chalk from 'chalk'
import { loadConfig } from '../config/load.ts'
import { findOrphans, recoverOrphans } from '../guardian/orphans.ts'
import { exitCode } from '../journal/verdict.ts'
import { messageOf } from '../support/errors.ts'
import { owedActions } from '../undo/recovery.ts'

/** Undoes what runs that have died still owe, or lists it. @returns the exit code */
export async function recoverCommand({ list = false }: { list?: boolean }): Promise<number> {
  const root = process.cwd()
  if (list) {
    for (const { run, folder } of findOrphans(root)) {
      for (const { title, target } of owedActions(folder)) {
        console.log(`${chalk.yellow('owed')} ${title} on ${target} ${chalk.dim(`by run ${run}`)}`)
      }
    }
    return 0
  }
  const { timeouts } = await loadConfig(root)
  const reports = await recoverOrphans(root, timeouts.rollbackMs)
  const failed = reports.flatMap((report) => report.failed)
  for (const { undone } of reports)
    for (const { intent } of undone) console.log(`${chalk.green('✓')} undone: ${intent.title}`)
  for (const { intent, error } of failed)
    console.error(`${chalk.red('✗')} still owed: ${intent.title}: ${messageOf(error)}`)
  if (reports.every(({ undone }) => undone.length === 0) && failed.length === 0) console.log('Nothing is owed.')
  return failed.length > 0 ? exitCode('not-restored') : 0
}

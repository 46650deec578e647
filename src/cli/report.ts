import { existsSync, realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { writeReport } from '../../reporters/html/write.ts'
import { EventTail } from '../journal/merge.ts'
import { latestLink, listRuns, runFolder, runPaths } from '../journal/runs.ts'
import { usageError } from '../support/errors.ts'
import { isOrphan } from '../undo/ownership.ts'

/**
 * Writes the reports of runs again, from their events and spans: those of runs that have crashed or were made by an
 * older version, too.
 *
 * @param runs ids, or their beginnings, or folders of runs; none: the latest
 * @returns the exit code
 */
export async function reportCommand(runs: readonly string[], root = process.cwd()): Promise<number> {
  const folders = runs.length > 0 ? runs.map((run) => folderOf(run, root)) : [latestFolder(root)]
  for (const folder of new Set(folders)) {
    mergeWhatWasLeft(folder)
    console.log(relative(root, writeReport(folder)))
  }
  return 0
}

/** The last events of a command that died may be in its logs alone. */
function mergeWhatWasLeft(folder: string): void {
  const paths = runPaths(folder)
  if (existsSync(paths.logs) && !existsSync(paths.journal) && isOrphan(folder)) new EventTail(folder).stop()
}

function latestFolder(root: string): string {
  if (existsSync(latestLink(root))) return realpathSync(latestLink(root))
  // A run that crashed before anybody concluded it is not linked.
  const [latest] = listRuns(root)
  if (latest !== undefined) return runFolder(root, latest)
  throw usageError(
    'CHAOS_NO_SUCH_RUN',
    `There is no run under ${root}: a report is made of what a run leaves in .chaos. Run "chaos-test" there first.`,
  )
}

function folderOf(run: string, root: string): string {
  if (run === 'latest') return latestFolder(root)
  const path = resolve(root, run)
  if (existsSync(runPaths(path).events)) return realpathSync(path)
  const known = listRuns(root)
  const meant = known.filter((id) => id.startsWith(run))
  const [only] = meant
  if (only !== undefined && meant.length === 1) return runFolder(root, only)
  throw usageError('CHAOS_NO_SUCH_RUN', noSuchRun(run, meant.length > 1 ? meant : known, meant.length))
}

const mostNamed = 5

function noSuchRun(run: string, candidates: readonly string[], matches: number): string {
  const found = matches > 1 ? `"${run}" is the beginning of ${matches} runs` : `There is no run "${run}" here`
  if (candidates.length === 0) return `${found}: this project has no runs. Run "chaos-test" first.`
  const named = candidates.slice(0, mostNamed).join(', ')
  const more = candidates.length > mostNamed ? `, and ${candidates.length - mostNamed} older` : ''
  return `${found}. There are: ${named}${more}. Name one of them, or the folder of a run.`
}

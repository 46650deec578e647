import { summarizeOnGithub } from '../../reporters/github.ts'
import { tryToReport } from '../../reporters/html.ts'
import { runVerdict, unfinished } from '../journal/conclude.ts'
import { EventTail } from '../journal/merge.ts'
import { forgetRules } from '../journal/redaction.ts'
import { reduce } from '../journal/reduce.ts'
import { linkLatest, listRuns, projectOf, runPaths } from '../journal/runs.ts'
import { emptyRun, type RunState } from '../journal/state.ts'
import { writeTraces } from '../journal/traces.ts'
import { writeJournals } from '../journal/write.ts'
import { systemClock } from '../support/clock.ts'
import { commandLog, Log } from '../undo/log.ts'
import { owes } from '../undo/recovery.ts'

/**
 * Writes the end of a run whose command has died, after what it owed was undone: what its hypotheses came to, its
 * verdict, its events, its journals and its report. Doing it again changes them only by what was undone since.
 *
 * @param cause what cut the run, in words: `the death of the command`
 */
export function concludeOrphan(runFolder: string, cause: string): RunState {
  const log = new Log(commandLog(runPaths(runFolder).logs))
  const append = (event: Parameters<Log['append']>[0]) => log.append(event)
  let state: RunState = emptyRun
  const tail = new EventTail(runFolder)
  tail.onEvent((event) => {
    state = reduce(state, event)
  })
  tail.read()
  if (!state.interruption) append({ type: 'interrupted', at: systemClock.now(), signal: cause })
  for (const { id: hypothesis, file } of unfinished(state)) {
    append({
      type: 'hypothesis-ended',
      at: systemClock.now(),
      file,
      hypothesis,
      verdict: 'interrupted',
      deviated: false,
      reason: `The run was cut by ${cause}. The steady state could not be checked after the rollback.`,
      code: 'CHAOS_INTERRUPTED',
    })
  }
  tail.read()
  append({ type: 'run-ended', at: systemClock.now(), ...runVerdict(state, { owed: owes(runFolder) }) })
  tail.stop()
  log.close()
  writeJournals(runFolder, state)
  writeTraces(runPaths(runFolder), state)
  tryToReport(runFolder)
  summarizeOnGithub(runFolder, state, process.env)
  if (!owes(runFolder)) forgetRules(runFolder)
  linkIfLatest(runFolder)
  return state
}

/** Later runs of the project may have been linked since. */
function linkIfLatest(runFolder: string): void {
  const { root, run } = projectOf(runFolder)
  if (listRuns(root)[0] === run) linkLatest(root, run)
}

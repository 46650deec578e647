import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { chaosFolder, createChaosFolder } from '../support/chaos-folder.ts'

/** The paths of a run's folder. */
export interface RunPaths {
  folder: string
  /** One NDJSON log per spec file and one of the command: private. */
  logs: string
  /** The public events of all logs. */
  events: string
  /** The journal of the run. */
  journal: string
  /** One journal per hypothesis. */
  experiments: string
  /** The run for people: one file, to be opened in a browser. */
  report: string
  /** The spans of the run, as OTLP JSON. */
  traces: string
  /** What `traces` is made of, while it is being made: the exports of each spec file and of its services. */
  spans: string
  /** A file that appears when the run is cancelled, and says why. */
  cancelled: string
}

export function runPaths(folder: string): RunPaths {
  return {
    folder,
    logs: join(folder, 'logs'),
    events: join(folder, 'events.ndjson'),
    journal: join(folder, 'journal.json'),
    experiments: join(folder, 'experiments'),
    report: join(folder, 'report.html'),
    traces: join(folder, 'traces.json'),
    spans: join(folder, 'spans'),
    cancelled: join(folder, 'cancelled'),
  }
}

/** Where the runs of a project are kept. */
export function runsFolder(projectRoot: string): string {
  return join(chaosFolder(projectRoot), 'runs')
}

export function runFolder(projectRoot: string, runId: string): string {
  return join(runsFolder(projectRoot), runId)
}

/** The project and the id of a run, by its folder. */
export function projectOf(folder: string): { root: string; run: string } {
  return { root: dirname(dirname(dirname(folder))), run: basename(folder) }
}

/** The link to the latest run of a project. */
export function latestLink(projectRoot: string): string {
  return join(chaosFolder(projectRoot), 'latest')
}

/** Run ids sort by the time of their start: `2026-03-01T09-30-00-4f2a`. */
const runIdForm = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-[0-9a-f]{4}$/

/** An id for a run that starts now, in UTC. */
export function newRunId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}

/** Creates the folder of a run; its logs are for the owner's eyes only. */
export function createRunFolder(projectRoot: string, runId: string): RunPaths {
  createChaosFolder(projectRoot)
  const paths = runPaths(runFolder(projectRoot, runId))
  for (const folder of [paths.experiments, paths.spans]) mkdirSync(folder, { recursive: true })
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 })
  return paths
}

/** Points `.chaos/latest` to a run: a reader finds the old run or the new one, never none. */
export function linkLatest(projectRoot: string, runId: string): void {
  const link = latestLink(projectRoot)
  const temporary = `${link}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  symlinkSync(relative(dirname(link), runFolder(projectRoot, runId)), temporary)
  renameSync(temporary, link)
}

/** The ids of the runs that are kept, the latest first. What is no run is left out. */
export function listRuns(projectRoot: string): string[] {
  const folder = runsFolder(projectRoot)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => runIdForm.test(name))
  return names.sort().reverse()
}

const keptRuns = 20

/**
 * Deletes all but the latest runs.
 *
 * @param isOwed whether a run still owes something to a target: it is kept, however old it is, and so is one of which
 *   this cannot be told (`isOwed` throws).
 * @returns the ids of the deleted runs.
 */
export function pruneRuns(projectRoot: string, isOwed: (runFolder: string) => boolean, keep = keptRuns): string[] {
  const deletable = (id: string) => {
    try {
      return !isOwed(runFolder(projectRoot, id))
    } catch {
      return false
    }
  }
  const deleted = listRuns(projectRoot).slice(keep).filter(deletable)
  for (const id of deleted) rmSync(runFolder(projectRoot, id), { recursive: true, force: true })
  return deleted
}

import { basename, extname, join } from 'node:path'
import { writeFileAtomically } from '../support/files.ts'
import { steadyStateResult } from './activities.ts'
import { experimentJournal } from './experiment.ts'
import { jsonText } from './json.ts'
import {
  actionRecord,
  findingRecord,
  interruptionRecord,
  prometheusRecord,
  secondsBetween,
  timestamp,
  timestampOrNull,
  trafficRecord,
} from './records.ts'
import { runPaths } from './runs.ts'
import type { FileState, HypothesisState, RunState } from './state.ts'
import { type ExperimentReference, type FileRecord, type RunJournal, schemaVersion } from './types.ts'
import { journalOutcome } from './verdict.ts'

/**
 * Writes the journal of a run and one for each of its hypotheses into the run's folder, each file atomically.
 * Whoever finishes a run can call it, also again.
 */
export function writeJournals(runFolder: string, state: RunState): void {
  const paths = runPaths(runFolder)
  const names = experimentNames(state)
  for (const [hypothesis, name] of names) {
    writeFileAtomically(join(paths.experiments, name), jsonText(experimentJournal(state, hypothesis)))
  }
  const experiments = [...names].map(([hypothesis, name]) =>
    referenceTo(hypothesis, `${basename(paths.experiments)}/${name}`),
  )
  writeFileAtomically(paths.journal, jsonText(runJournal(state, experiments)))
}

const longestName = 120

/**
 * A file name for the journal of each hypothesis, from its file and title: safe on every file system, and the same in
 * every run of the same specs.
 */
export function experimentNames(state: RunState): Map<HypothesisState, string> {
  const names = new Map<HypothesisState, string>()
  const taken = new Set<string>()
  const files = state.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  for (const hypothesis of files.flatMap((file) => file.hypotheses)) {
    const slug = slugOf(hypothesis)
    let name = slug
    for (let copy = 2; taken.has(name); copy++) name = `${slug}-${copy}`
    taken.add(name)
    names.set(hypothesis, `${name}.json`)
  }
  return names
}

function slugOf({ file, title }: HypothesisState): string {
  const spec = basename(file, extname(file)).replace(/\.chaos$/, '')
  const parts = [spec, title].map(kebabCase).filter((part) => part !== '')
  return parts.join('--').slice(0, longestName).replace(/-+$/, '') || 'experiment'
}

function kebabCase(text: string): string {
  const ascii = text.normalize('NFKD').replace(/\p{Mark}/gu, '')
  return ascii
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}

function runJournal(state: RunState, experiments: ExperimentReference[]): RunJournal {
  const { run, ended } = state
  const endedAt = ended?.at ?? state.lastEventAt
  return {
    schemaVersion,
    run: run?.id ?? 'unknown',
    mode: run?.mode ?? 'experiment',
    version: run?.version ?? 'unknown',
    node: run?.node ?? 'unknown',
    platform: run?.platform ?? 'unknown',
    host: run?.host ?? 'unknown',
    arguments: [...(run?.arguments ?? [])],
    start: timestampOrNull(run?.startedAt),
    end: timestampOrNull(ended?.at),
    duration: run && endedAt !== undefined ? secondsBetween(run.startedAt, endedAt) : 0,
    verdict: ended?.verdict ?? null,
    exitCode: ended?.exitCode ?? null,
    interruption: interruptionRecord(state.interruption),
    experiments,
    files: state.files.map(fileRecord),
    notices: state.notices.map(({ message, file, at }) => ({ message, file: file ?? null, at: timestamp(at) })),
  }
}

function referenceTo(hypothesis: HypothesisState, journal: string): ExperimentReference {
  const { title, file, expected, traceId, outcome } = hypothesis
  return {
    title,
    file,
    journal,
    verdict: outcome?.verdict ?? null,
    expected,
    ...journalOutcome(outcome?.verdict, outcome?.deviated ?? false),
    reason: outcome?.reason ?? null,
    code: outcome?.code ?? null,
    traceId: traceId || null,
  }
}

function fileRecord(file: FileState): FileRecord {
  return {
    path: file.path,
    target: file.target ?? null,
    start: timestampOrNull(file.startedAt),
    end: timestampOrNull(file.endedAt),
    workerDied: file.workerDied !== undefined,
    steadyState: steadyStateResult(file.checks),
    actions: file.actions.map(actionRecord),
    traffic: file.traffic.map(trafficRecord),
    prometheus: file.prometheus.map(prometheusRecord),
    findings: file.findings.map(findingRecord),
  }
}

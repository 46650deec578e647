import {
  actionRun,
  prometheusRun,
  steadyStateProbe,
  steadyStateResult,
  type TimedRun,
  trafficRun,
  undoActivity,
  undoRun,
} from './activities.ts'
import type { Phase } from './events.ts'
import {
  actionRecord,
  findingRecord,
  interruptionRecord,
  phaseRecord,
  plannedRecord,
  progressRecord,
  prometheusRecord,
  secondsBetween,
  timestamp,
  timestampOrNull,
  trafficRecord,
} from './records.ts'
import { type FileState, type HypothesisState, lineToLookAt, type RunState, type SteadyStateCheck } from './state.ts'
import { traceUrl } from './trace-link.ts'
import {
  type ActivityRun,
  type ExperimentDefinition,
  type ExperimentDetails,
  type ExperimentJournal,
  type SteadyStates,
  schemaVersion,
} from './types.ts'
import { journalOutcome } from './verdict.ts'

/** The journal of one hypothesis, as far as the events of its run tell it. */
export function experimentJournal(state: RunState, hypothesis: HypothesisState): ExperimentJournal {
  const { startedAt, outcome } = hypothesis
  const file = state.files.find(({ path }) => path === hypothesis.file)
  const cutAt = outcome?.at ?? state.lastEventAt ?? startedAt
  return {
    'chaoslib-version': `chaos-test ${state.run?.version ?? 'unknown'}`,
    platform: state.run?.platform ?? 'unknown',
    node: state.run?.host ?? 'unknown',
    experiment: definitionOf(hypothesis, file),
    start: timestamp(startedAt),
    end: timestampOrNull(outcome?.at),
    ...journalOutcome(outcome?.verdict, outcome?.deviated ?? false),
    duration: secondsBetween(startedAt, cutAt),
    steady_states: steadyStatesOf(hypothesis, file),
    run: methodOf(hypothesis, cutAt),
    rollbacks: rollbacksOf(hypothesis),
    'chaos-test': detailsOf(state, hypothesis, file),
  }
}

/** Where people look at the trace of a hypothesis, if the config says it. */
export function traceLinkOf({ run }: RunState, hypothesis: HypothesisState): string | undefined {
  const { traceId, spanId, startedAt, outcome } = hypothesis
  return traceUrl(run?.traceLink, traceId, { spanId, startedAt, endedAt: outcome?.at })
}

function definitionOf(hypothesis: HypothesisState, file: FileState | undefined): ExperimentDefinition {
  const titles = new Set([...checksBefore(hypothesis, file), ...hypothesis.checks].map((check) => check.title))
  const undos = hypothesis.actions.map((action) => action.undo).filter((undo) => undo !== undefined)
  return {
    version: '1.0.0',
    title: hypothesis.title,
    description: descriptionOf(hypothesis, file),
    tags: [...hypothesis.tags],
    'steady-state-hypothesis': {
      title: [...titles].join('; ') || 'none',
      probes: [...titles].map(steadyStateProbe),
    },
    method: methodOf(hypothesis, hypothesis.startedAt).map(({ activity }) => activity),
    rollbacks: undos.reverse().map(undoActivity),
  }
}

function descriptionOf(hypothesis: HypothesisState, file: FileState | undefined): string {
  const where = file?.target ? `, on ${file.target.name} (namespace ${file.target.namespace})` : ''
  const weakness = hypothesis.expected === 'deviated' ? '; a known weakness: it is expected to deviate' : ''
  return `${hypothesis.file}${where}${weakness}`
}

function steadyStatesOf(hypothesis: HypothesisState, file: FileState | undefined): SteadyStates {
  const during = hypothesis.checks.filter((check) => check.phase === 'method')
  return {
    before: steadyStateResult(lastOfEach(checksBefore(hypothesis, file))),
    after: steadyStateResult(lastOfEach(checksIn(hypothesis.checks, 'after'))),
    during: during.map((check) => steadyStateResult([check])).filter((result) => result !== null),
  }
}

/** A hypothesis that never came to its own check is judged by the one that its file's hooks made. */
function checksBefore(hypothesis: HypothesisState, file: FileState | undefined): SteadyStateCheck[] {
  const own = checksIn(hypothesis.checks, 'before')
  return own.length > 0 ? own : checksIn(file?.checks ?? [], 'before')
}

function checksIn(checks: readonly SteadyStateCheck[], phase: Phase): SteadyStateCheck[] {
  return checks.filter((check) => check.phase === phase)
}

/** A steady state that was checked until it came counts as it was in the end. */
function lastOfEach(checks: readonly SteadyStateCheck[]): SteadyStateCheck[] {
  return [...new Map(checks.map((check) => [check.title, check])).values()]
}

/** What was done and read in the method, in the order of its start. */
function methodOf(hypothesis: HypothesisState, cutAt: number): ActivityRun[] {
  const inMethod = ({ phase }: { phase?: Phase }) => phase === undefined || phase === 'method'
  return inOrder([
    ...hypothesis.actions.filter(inMethod).map((action) => actionRun(action, cutAt)),
    ...hypothesis.traffic.filter(inMethod).map((traffic) => trafficRun(traffic, cutAt)),
    ...hypothesis.prometheus.filter(inMethod).map(prometheusRun),
  ])
}

function rollbacksOf(hypothesis: HypothesisState): ActivityRun[] {
  const runs = hypothesis.actions.map((action) => action.undo && undoRun(action.undo))
  return inOrder(runs.filter((run) => run !== undefined))
}

function inOrder(runs: readonly TimedRun[]): ActivityRun[] {
  return runs.toSorted((a, b) => a.startedAt - b.startedAt).map(({ run }) => run)
}

function detailsOf(state: RunState, hypothesis: HypothesisState, file: FileState | undefined): ExperimentDetails {
  const { outcome, traceId } = hypothesis
  return {
    schemaVersion,
    run: state.run?.id ?? 'unknown',
    mode: hypothesis.mode ?? 'experiment',
    file: hypothesis.file,
    line: lineToLookAt(hypothesis) ?? null,
    target: file?.target ?? null,
    verdict: outcome?.verdict ?? null,
    expected: hypothesis.expected,
    reason: outcome?.reason ?? null,
    code: outcome?.code ?? null,
    traceId: traceId || null,
    traceLink: traceLinkOf(state, hypothesis) ?? null,
    interruption: interruptionRecord(state.interruption),
    phases: hypothesis.phases.map(phaseRecord),
    restored: steadyStateResult(lastOfEach(checksIn(hypothesis.checks, 'restored'))),
    planned: hypothesis.planned.map(plannedRecord),
    actions: hypothesis.actions.map(actionRecord),
    progress: hypothesis.progress.map(progressRecord),
    traffic: hypothesis.traffic.map(trafficRecord),
    prometheus: hypothesis.prometheus.map(prometheusRecord),
    findings: hypothesis.findings.map(findingRecord),
  }
}

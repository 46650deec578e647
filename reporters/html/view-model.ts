import type { ChaosEvent } from '../../src/journal/events.ts'
import { traceLinkOf } from '../../src/journal/experiment.ts'
import { stateOf } from '../../src/journal/reduce.ts'
import {
  type ActionState,
  emptyScope,
  type FileState,
  type FindingView,
  type HypothesisState,
  hypothesesOf,
  type PlannedAction,
  placeOf,
  type RunState,
  type Scope,
  type SteadyStateCheck,
  shownVerdict,
} from '../../src/journal/state.ts'
import { experimentNames } from '../../src/journal/write.ts'
import { viewOf } from '../terminal/verdicts.ts'
import { explain } from './explain.ts'
import type { ResourceSpans } from './otlp.ts'
import { readinessOf } from './readiness.ts'
import { keepSpans } from './spans.ts'
import type { TraceBook } from './trace-book.ts'
import { requestView, secondsOf, trafficView } from './traffic.ts'
import type {
  ActionView,
  CheckView,
  FindingRow,
  HypothesisView,
  PlannedView,
  ReportView,
  RunSection,
  ScopeView,
} from './view.ts'

export interface Report {
  view: ReportView
  book: TraceBook
}

/**
 * What the report of a run shows, from its events and its spans alone: whatever became of the run, its report can be
 * made again.
 */
export function reportOf(events: readonly ChaosEvent[], spans: readonly ResourceSpans[]): Report {
  const state = stateOf(events)
  const states = hypothesesOf(state).toSorted((a, b) => a.startedAt - b.startedAt)
  const names = experimentNames(state)
  const run = runSection(state)
  const hypotheses = states.map((hypothesis, index) => {
    const anchor = (names.get(hypothesis) ?? `${index}`).replace(/\.json$/, '')
    return hypothesisView(state, hypothesis, { events, anchor, previous: states.slice(0, index) })
  })
  const { book, kept, total } = keepSpans(run.startedAt, hypotheses, spans)
  const view: ReportView = {
    run,
    hypotheses,
    outside: outsideOf(state),
    notices: state.notices.map(({ at, message, file }) => ({ at, text: message, ...(file ? { file } : {}) })),
    spans: { kept, total },
  }
  return { view, book }
}

function runSection(state: RunState): RunSection {
  const { run, ended, interruption, lastEventAt = 0 } = state
  const startedAt = run?.startedAt ?? lastEventAt
  return {
    id: run?.id ?? 'unknown',
    startedAt,
    endedAt: ended?.at ?? lastEventAt,
    ...(ended ? { verdict: ended.verdict, exitCode: ended.exitCode } : {}),
    advice: ended ? viewOf(ended.verdict).advice : '',
    ...(interruption ? { interruption: interruption.signal } : {}),
    version: run?.version ?? 'unknown',
    node: run?.node ?? 'unknown',
    platform: run?.platform ?? 'unknown',
    host: run?.host ?? 'unknown',
    arguments: [...(run?.arguments ?? [])],
    ...(run?.traceLink ? { traceLink: run.traceLink } : {}),
  }
}

interface Surroundings {
  events: readonly ChaosEvent[]
  anchor: string
  /** The hypotheses that began before. */
  previous: readonly HypothesisState[]
}

function hypothesisView(state: RunState, hypothesis: HypothesisState, surroundings: Surroundings): HypothesisView {
  const { events, anchor, previous } = surroundings
  const { title, file: path, tags, traceId, startedAt, expected, outcome } = hypothesis
  const file = state.files.find((each) => each.path === path)
  const endedAt = outcome?.at ?? lastEventOf(state, file)
  const prelude = preludeOf(file, hypothesis, previous)
  const { checks, traffic, prometheus } = joined(prelude, hypothesis)
  const seconds = secondsOf(events, path)
  const traceLink = traceLinkOf(state, hypothesis)
  return {
    anchor,
    title,
    place: placeOf(hypothesis),
    ...(file?.target ? { target: file.target } : {}),
    tags: [...tags],
    traceId,
    ...(traceLink ? { traceLink } : {}),
    startedAt,
    endedAt,
    verdict: shownVerdict(hypothesis),
    expected,
    ...explain(hypothesis, file),
    phases: hypothesis.phases.map(({ phase, startedAt: from, endedAt: to = endedAt, error }) => {
      return { phase, from, to, ...(error ? { error } : {}) }
    }),
    checks: checks.map(checkView),
    actions: hypothesis.actions.map(actionView),
    planned: hypothesis.planned.map(plannedView),
    findings: hypothesis.findings.map(findingRow),
    traffic: traffic.map((each) => trafficView(each, seconds, endedAt)),
    readiness: readinessOf(hypothesis, endedAt),
    readings: prometheus.map(({ query, from, to, at, result, value, series = [], phase }) => {
      return { query, from, to, at, result, value, series, ...(phase ? { phase } : {}) }
    }),
    requests: traffic.flatMap(({ exemplars }) => exemplars).map(requestView),
  }
}

/** A hypothesis whose end is not known ended at the latest when its file, or the run, was last heard of. */
function lastEventOf({ ended, lastEventAt = 0 }: RunState, file: FileState | undefined): number {
  return file?.endedAt ?? file?.workerDied?.at ?? ended?.at ?? lastEventAt
}

/** What the hooks of its file saw just before a hypothesis: the steady state that it starts from. */
function preludeOf(
  file: FileState | undefined,
  { startedAt }: HypothesisState,
  previous: readonly HypothesisState[],
): Scope {
  if (!file) return emptyScope
  const own = previous.filter((each) => each.file === file.path)
  const since = Math.max(0, ...own.map(({ outcome }) => outcome?.at ?? 0))
  const isPrelude = (at: number) => at > since && at <= startedAt
  return {
    ...emptyScope,
    checks: file.checks.filter((check) => isPrelude(check.endedAt)),
    traffic: file.traffic.filter(({ endedAt, startedAt: from }) => isPrelude(endedAt ?? from)),
    prometheus: file.prometheus.filter(({ at }) => isPrelude(at)),
  }
}

function joined(
  prelude: Scope,
  { checks, traffic, prometheus }: Scope,
): Pick<Scope, 'checks' | 'traffic' | 'prometheus'> {
  return {
    checks: [...prelude.checks, ...checks],
    traffic: [...prelude.traffic.map((each) => ({ ...each, phase: 'before' as const })), ...traffic],
    prometheus: [...prelude.prometheus.map((each) => ({ ...each, phase: 'before' as const })), ...prometheus],
  }
}

function checkView({ title, phase, met, startedAt, endedAt, error }: SteadyStateCheck): CheckView {
  return { title, phase, met, from: startedAt, to: endedAt, ...(error ? { message: error.message } : {}) }
}

function actionView({ id, title = id, startedAt, endedAt, before, after, error, undo }: ActionState): ActionView {
  return {
    title,
    from: startedAt,
    ...(endedAt === undefined ? {} : { to: endedAt }),
    ...(before === undefined ? {} : { before: JSON.stringify(before) }),
    ...(after === undefined ? {} : { after: JSON.stringify(after) }),
    ...(error ? { message: error.message } : {}),
    ...(undo ? { undo } : {}),
  }
}

function plannedView({ title, undo, rehearsed }: PlannedAction): PlannedView {
  return { title, rehearsed, ...(undo === undefined ? {} : { undo }) }
}

function findingRow({ title, at, data }: FindingView): FindingRow {
  return { title, at, ...(data === undefined ? {} : { data: textOf(data) }) }
}

/** A list of texts is read more easily without its brackets. */
function textOf(data: unknown): string {
  const isList = Array.isArray(data) && data.every((item) => typeof item === 'string' || typeof item === 'number')
  return isList ? data.join(', ') : JSON.stringify(data)
}

function outsideOf(state: RunState): ScopeView[] {
  const scopes = [
    { name: 'the run', scope: state as Scope },
    ...state.files.map((file) => ({ name: file.path, scope: file as Scope })),
  ]
  return scopes
    .filter(({ scope }) => scope.actions.length + scope.findings.length + scope.checks.length > 0)
    .map(({ name, scope }) => ({
      name,
      actions: scope.actions.map(actionView),
      checks: scope.checks.map(checkView),
      findings: scope.findings.map(findingRow),
    }))
}

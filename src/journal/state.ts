import type { ErrorView, Verdict } from '../support/errors.ts'
import type {
  Expectation,
  Phase,
  ReadyCounts,
  RequestExemplar,
  RunMode,
  SeriesView,
  TargetView,
  TrafficSummary,
} from './events.ts'

/** A run as its events tell it: what terminal, journal and report are rendered from. */
export interface RunState extends Scope {
  /** Absent until the run's own log was read. */
  run?: RunView
  files: readonly FileState[]
  interruption?: Interruption
  notices: readonly NoticeView[]
  /** Absent while it runs, and of a run whose command died. */
  ended?: RunOutcome
  /** The time of the latest event: milliseconds since the epoch. */
  lastEventAt?: number
}

export interface RunView {
  id: string
  startedAt: number
  version: string
  node: string
  platform: string
  host: string
  arguments: readonly string[]
  traceLink?: string
  /** Absent: an experiment. */
  mode?: RunMode
}

export interface RunOutcome {
  verdict: Verdict
  exitCode: number
  at: number
}

export interface Interruption {
  signal: string
  at: number
}

export interface NoticeView {
  message: string
  at: number
  file?: string
}

/** A spec file: its own scope holds what its hooks did. */
export interface FileState extends Scope {
  path: string
  target?: TargetView
  startedAt?: number
  endedAt?: number
  workerDied?: WorkerDeath
  hypotheses: readonly HypothesisState[]
}

export interface WorkerDeath {
  pid: number
  at: number
}

export interface HypothesisState extends Scope {
  id: string
  title: string
  file: string
  expected: Expectation
  /** Empty when its start was never written. */
  traceId: string
  spanId?: string
  /** Where it stands in its spec file, from 1. */
  line?: number
  tags: readonly string[]
  /** Absent: an experiment. */
  mode?: RunMode
  startedAt: number
  /** Absent while it runs, and of one whose worker died until someone says what it came to. */
  outcome?: HypothesisOutcome
}

export interface HypothesisOutcome {
  /** What it counts as: a deviation that the spec documents is `held`, with `deviated: true`. */
  verdict: Verdict
  deviated: boolean
  reason?: string
  code?: string
  /** Where in its spec file the reason arose. */
  line?: number
  at: number
}

/** What was done and seen by a hypothesis, by a file outside its hypotheses, or by the run outside its files. */
export interface Scope {
  phases: readonly PhaseState[]
  checks: readonly SteadyStateCheck[]
  /** What a dry run would have done. */
  planned: readonly PlannedAction[]
  actions: readonly ActionState[]
  progress: readonly ProgressView[]
  readiness: readonly ReadinessView[]
  traffic: readonly TrafficState[]
  prometheus: readonly PrometheusReading[]
  findings: readonly FindingView[]
}

export interface PhaseState {
  phase: Phase
  spanId?: string
  startedAt: number
  endedAt?: number
  error?: ErrorView
}

export interface SteadyStateCheck {
  title: string
  phase: Phase
  /** `null`: it could not be told. */
  met: boolean | null
  startedAt: number
  endedAt: number
  error?: ErrorView
}

export interface PlannedAction {
  title: string
  /** What would undo it; absent where nothing would need to be undone. */
  undo?: string
  before?: unknown
  after?: unknown
  /** Whether the target itself was asked what would come of it. */
  rehearsed: boolean
  at: number
  phase?: Phase
}

export interface ActionState {
  id: string
  /** Absent when only its undo is known: its start was lost. */
  title?: string
  phase?: Phase
  startedAt: number
  endedAt?: number
  before?: unknown
  after?: unknown
  error?: ErrorView
  /** Absent where nothing needs to be undone. */
  undo?: UndoState
}

/** `failed`: it was tried, and is still owed. */
export type UndoStatus = 'owed' | 'undone' | 'target-gone' | 'failed'

export interface UndoState {
  title: string
  status: UndoStatus
  /** Who carried out the latest attempt. */
  by?: string
  startedAt?: number
  endedAt?: number
  error?: ErrorView
}

export interface ProgressView {
  subject: string
  message: string
  at: number
  phase?: Phase
  data?: unknown
}

export interface ReadinessView {
  subject: string
  ready: ReadyCounts
  at: number
}

export interface TrafficState {
  id: string
  url: string
  perSecond: number
  /** The way to what was called, where it was looked up. */
  reachedBy?: string
  phase?: Phase
  startedAt: number
  endedAt?: number
  /** The load in words, where it is known. */
  load?: string
  /** How long they call at least, where that is known. */
  atLeastMs?: number
  /** The requests so far, by outcome. */
  outcomes: Readonly<Record<string, number>>
  /** The outcomes of the latest seconds, the oldest first. */
  lately: readonly Readonly<Record<string, number>>[]
  summary?: TrafficSummary
  exemplars: readonly RequestExemplar[]
}

export interface PrometheusReading {
  query: string
  from: number
  to: number
  result: string
  value: number | null
  series?: readonly SeriesView[]
  at: number
  phase?: Phase
}

export interface FindingView {
  title: string
  at: number
  phase?: Phase
  data?: unknown
}

export const emptyScope: Scope = {
  phases: [],
  checks: [],
  planned: [],
  actions: [],
  progress: [],
  readiness: [],
  traffic: [],
  prometheus: [],
  findings: [],
}

export const emptyRun: RunState = { ...emptyScope, files: [], notices: [] }

/** The phase that a scope is in. */
export function currentPhase(scope: Scope): Phase | undefined {
  return scope.phases.findLast((phase) => phase.endedAt === undefined)?.phase
}

export function hypothesesOf(state: RunState): HypothesisState[] {
  return state.files.flatMap((file) => file.hypotheses)
}

/** Whether the target still has to be put back after an action. */
export function isOwed(action: ActionState): boolean {
  return action.undo?.status === 'owed' || action.undo?.status === 'failed'
}

/** Whether it held because it deviated as its spec documents. */
export function isKnownWeakness(hypothesis: HypothesisState): boolean {
  return hypothesis.outcome?.verdict === 'held' && hypothesis.outcome.deviated
}

/**
 * What a reader is told that a hypothesis came to: a weakness that its spec documents is named as one, and that nothing
 * stood in the way of what was only tried or looked at is no hypothesis that held.
 */
export type ShownVerdict = Verdict | 'known-weakness' | 'dry-run' | 'steady-state' | 'unfinished'

export function shownVerdict(hypothesis: HypothesisState): ShownVerdict {
  const { mode = 'experiment', outcome } = hypothesis
  if (mode !== 'experiment' && outcome?.verdict === 'held') return mode
  return isKnownWeakness(hypothesis) ? 'known-weakness' : (outcome?.verdict ?? 'unfinished')
}

/** The line of its spec file to look at, from 1: where the reason arose, or else where the hypothesis stands. */
export function lineToLookAt({ line, outcome }: HypothesisState): number | undefined {
  return outcome?.line ?? line
}

/** The same, as editors and terminals follow it: `specs/shop.chaos.ts:12`. */
export function placeOf(hypothesis: HypothesisState): string {
  const line = lineToLookAt(hypothesis)
  return line === undefined ? hypothesis.file : `${hypothesis.file}:${line}`
}

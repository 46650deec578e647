import type { ErrorView, Verdict } from '../support/errors.ts'
import type { Expectation, Phase, RequestExemplar, RunMode, TargetView, TrafficSummary } from './events.ts'
import type { UndoStatus } from './state.ts'
import type { JournalStatus } from './verdict.ts'

/** The version of our part of the journals; see `schema/`. */
export const schemaVersion = 1

/** A point in time as the Chaos Toolkit writes it: ISO 8601 with `+00:00`. */
export type Timestamp = string

/**
 * The journal of one hypothesis: the keys of the Chaos Toolkit, so that its tools read it, and ours under `chaos-test`.
 * What is not known is `null`; no key is ever missing, but for `exception`. Durations are in seconds.
 */
export interface ExperimentJournal {
  'chaoslib-version': string
  platform: string
  node: string
  experiment: ExperimentDefinition
  start: Timestamp
  /** `null`: its end was never recorded. */
  end: Timestamp | null
  status: JournalStatus | null
  deviated: boolean
  duration: number
  steady_states: SteadyStates
  run: ActivityRun[]
  rollbacks: ActivityRun[]
  'chaos-test': ExperimentDetails
}

/** What was planned, as far as what was done shows it: a spec is code. */
export interface ExperimentDefinition {
  version: string
  title: string
  description: string
  tags: string[]
  'steady-state-hypothesis': SteadyStateHypothesis
  method: Activity[]
  rollbacks: Activity[]
}

export interface SteadyStateHypothesis {
  title: string
  probes: SteadyStateProbe[]
}

export interface Activity {
  type: 'action' | 'probe'
  name: string
  background?: boolean
  provider: ActivityProvider
}

export interface SteadyStateProbe extends Activity {
  tolerance: true
}

export interface ActivityProvider {
  type: 'chaos-test'
  func: 'perform' | 'undo' | 'traffic' | 'prometheus' | 'steadyState'
  arguments: Record<string, unknown>
}

/** `before`: before the method. `after`: after it, before the rollback. `during`: one for each check of the method. */
export interface SteadyStates {
  before: SteadyStateResult | null
  after: SteadyStateResult | null
  during: SteadyStateResult[]
}

export interface SteadyStateResult {
  /** `null`: it could not be told. */
  steady_state_met: boolean | null
  probes: ProbeRun[]
}

export interface ActivityRun {
  activity: Activity
  output: unknown
  status: 'succeeded' | 'failed'
  start: Timestamp
  end: Timestamp
  duration: number
  /** Lines of text; absent when it succeeded. */
  exception?: string[]
}

export interface ProbeRun extends ActivityRun {
  activity: SteadyStateProbe
  tolerance_met: boolean
}

/** What the journal of the Chaos Toolkit lacks. */
export interface ExperimentDetails {
  schemaVersion: typeof schemaVersion
  run: string
  /** What `held` means: that of a dry run says nothing of the system. */
  mode: RunMode
  file: string
  /** Where in the file the reason arose, or else where the hypothesis stands, from 1. */
  line: number | null
  target: TargetView | null
  /** `null`: its worker died, and nobody said what it came to. */
  verdict: Verdict | null
  expected: Expectation
  reason: string | null
  code: string | null
  traceId: string | null
  traceLink: string | null
  interruption: InterruptionRecord | null
  phases: PhaseRecord[]
  /** The steady state after the rollback. */
  restored: SteadyStateResult | null
  /** What a dry run would have done. */
  planned: PlannedRecord[]
  actions: ActionRecord[]
  progress: ProgressRecord[]
  traffic: TrafficRecord[]
  prometheus: PrometheusRecord[]
  findings: FindingRecord[]
}

export interface InterruptionRecord {
  signal: string
  at: Timestamp
}

export interface PhaseRecord {
  phase: Phase
  start: Timestamp
  end: Timestamp | null
  error: ErrorView | null
}

export interface PlannedRecord {
  title: string
  /** `null`: nothing would need to be undone. */
  undo: string | null
  before: unknown
  after: unknown
  /** Whether the target itself was asked what would come of it. */
  rehearsed: boolean
  at: Timestamp
}

export interface ActionRecord {
  id: string
  title: string | null
  start: Timestamp
  end: Timestamp | null
  before: unknown
  after: unknown
  error: ErrorView | null
  /** `null`: nothing needs to be undone. */
  undo: UndoneRecord | null
}

export interface UndoneRecord {
  title: string
  status: UndoStatus
  by: string | null
  start: Timestamp | null
  end: Timestamp | null
  error: ErrorView | null
}

export interface ProgressRecord {
  subject: string
  message: string
  phase: Phase | null
  at: Timestamp
  data: unknown
}

export interface TrafficRecord {
  url: string
  /** Planned arrivals per second: the most of them, where the rate changes; 0 in a closed loop. */
  perSecond: number
  /** The load in words. */
  load?: string
  /** The way to what was called, where it was looked up. */
  reachedBy?: string
  phase: Phase | null
  start: Timestamp
  end: Timestamp | null
  outcomes: Record<string, number>
  summary: TrafficSummary | null
  exemplars: RequestExemplar[]
}

export interface PrometheusRecord {
  query: string
  from: Timestamp
  to: Timestamp
  result: string
  value: number | null
  phase: Phase | null
  at: Timestamp
}

export interface FindingRecord {
  title: string
  phase: Phase | null
  at: Timestamp
  data: unknown
}

/** The journal of a run: what came of it, and where the journals of its experiments are. */
export interface RunJournal {
  schemaVersion: typeof schemaVersion
  run: string
  mode: RunMode
  version: string
  node: string
  platform: string
  host: string
  arguments: string[]
  start: Timestamp | null
  /** `null`: its command died, and nobody said what it came to. */
  end: Timestamp | null
  duration: number
  verdict: Verdict | null
  exitCode: number | null
  interruption: InterruptionRecord | null
  experiments: ExperimentReference[]
  files: FileRecord[]
  notices: NoticeRecord[]
}

export interface ExperimentReference {
  title: string
  file: string
  /** The path of its journal, relative to the run's folder. */
  journal: string
  verdict: Verdict | null
  expected: Expectation
  status: JournalStatus | null
  deviated: boolean
  reason: string | null
  code: string | null
  traceId: string | null
}

/** A spec file, with what its hooks did outside its hypotheses. */
export interface FileRecord {
  path: string
  target: TargetView | null
  start: Timestamp | null
  end: Timestamp | null
  workerDied: boolean
  steadyState: SteadyStateResult | null
  actions: ActionRecord[]
  traffic: TrafficRecord[]
  prometheus: PrometheusRecord[]
  findings: FindingRecord[]
}

export interface NoticeRecord {
  message: string
  file: string | null
  at: Timestamp
}

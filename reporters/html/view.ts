import type { ErrorView, Phase, ReadyCounts, SeriesView, TargetView } from '../../src/journal/events.ts'
import type { ShownVerdict, UndoState } from '../../src/journal/state.ts'

/**
 * What the report shows, as data: made from the events of a run (`view-model.ts`), embedded into the page, and rendered
 * there. Times are milliseconds since the epoch.
 */
export interface ReportView {
  run: RunSection
  hypotheses: HypothesisView[]
  /** What hooks did, outside every hypothesis. */
  outside: ScopeView[]
  notices: NoteView[]
  /** How many of the run's spans the page holds: all of them, unless there are too many. */
  spans: { kept: number; total: number }
}

export interface RunSection {
  id: string
  startedAt: number
  endedAt: number
  /** Absent while it runs, and of a run that nobody has concluded. */
  verdict?: ShownVerdict
  exitCode?: number
  /** What the verdict asks of the reader; empty where all is well. */
  advice: string
  interruption?: string
  version: string
  node: string
  platform: string
  host: string
  arguments: string[]
  /** A template of links: see `traceUrl`. */
  traceLink?: string
}

export interface NoteView {
  at: number
  text: string
  file?: string
}

/** What was done and seen, in a hypothesis or outside of them. */
export interface ScopeView {
  name: string
  actions: ActionView[]
  checks: CheckView[]
  findings: FindingRow[]
}

export interface HypothesisView {
  /** Unique in the run, and the same in every run of the same specs: what links name it by. */
  anchor: string
  title: string
  /** Its spec file, with the line to look at: `specs/shop.chaos.ts:12`. */
  place: string
  target?: TargetView
  tags: string[]
  traceId: string
  /** Where its trace is, in the UI that the config names. */
  traceLink?: string
  startedAt: number
  endedAt: number
  verdict: ShownVerdict
  expected: 'held' | 'deviated'
  /** The one sentence that explains the verdict. */
  sentence: string
  /** All that is known of the reason, where it is more than the sentence. */
  details?: string
  code?: string
  phases: PhaseView[]
  checks: CheckView[]
  actions: ActionView[]
  /** What a dry run would have done. */
  planned: PlannedView[]
  findings: FindingRow[]
  traffic: TrafficView[]
  readiness: ReadinessView[]
  readings: ReadingView[]
  /** Requests that the events name: where their spans were kept, the spans say more. */
  requests: RequestView[]
}

export interface PhaseView {
  phase: Phase
  from: number
  to: number
  error?: ErrorView
}

export interface CheckView {
  title: string
  phase: Phase
  met: boolean | null
  from: number
  to: number
  message?: string
}

export interface ActionView {
  title: string
  from: number
  /** Absent where its end is not known. */
  to?: number
  before?: string
  after?: string
  message?: string
  undo?: UndoState
}

export interface PlannedView {
  title: string
  undo?: string
  /** Whether the target itself was asked what would come of it. */
  rehearsed: boolean
}

export interface FindingRow {
  title: string
  at: number
  data?: string
}

/** One stream of users. */
export interface TrafficView {
  name: string
  url: string
  /** The way to it, where it was looked up. */
  reachedBy?: string
  /** What was planned each second; absent where that changes, or depends on the answers. */
  perSecond?: number
  /** The load in words. */
  load: string
  phase?: Phase
  from: number
  to: number
  outcomes: Record<string, number>
  /** Absent where it was cut short. */
  summary?: TrafficNumbers
  seconds: SecondView[]
}

export interface TrafficNumbers {
  planned: number
  completed: number
  failed: number
  dropped: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** The requests that ended up to a time, since the second before it. */
export interface SecondView {
  at: number
  outcomes: Record<string, number>
  /** p50, p90, p99 and max in milliseconds; absent where nothing was answered. */
  latencyMs?: [number, number, number, number]
}

/** Who was ready: the pods of a workload that was rolled out, or who answered for a service. */
export interface ReadinessView {
  subject: string
  /** Each until the next. */
  steps: ReadinessStep[]
  /** How long the last of them is known. */
  until: number
}

export interface ReadinessStep extends ReadyCounts {
  at: number
}

/** What was read from Prometheus. */
export interface ReadingView {
  query: string
  from: number
  to: number
  at: number
  result: string
  value: number | null
  phase?: Phase
  /** What it was made of. */
  series: readonly SeriesView[]
}

/** A users' request. */
export interface RequestView {
  traceId: string
  at: number
  outcome: string
  status?: number
  latencyMs: number
  failed: boolean
  /** The pods that it came through, as far as they are known. */
  pods: string[]
  /** How the pods behind it were when it ended, in words. */
  podsThen?: string
}

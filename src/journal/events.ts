import type { ErrorView, Verdict } from '../support/errors.ts'
import type { TrafficEnded, TrafficProgress, TrafficStarted } from './traffic-events.ts'

export type { ErrorView } from '../support/errors.ts'
export type * from './traffic-events.ts'

/**
 * Everything that happens in a run, as events: the one source of terminal, journal and report.
 *
 * A worker writes the events of its spec file, the command those of the run. Times are milliseconds since the epoch,
 * `hypothesis` is the id of a hypothesis (absent: of the file, or of the run).
 */
export type ChaosEvent = EventBody & EventHead

export interface EventHead {
  /** When it happened: milliseconds since the epoch. */
  at: number
  /** The spec file, relative to the project's root; absent on events of the run. */
  file?: string
  /** The id of the hypothesis that it belongs to. */
  hypothesis?: string
}

export type EventBody =
  | RunStarted
  | RunEnded
  | FileStarted
  | FileEnded
  | HypothesisStarted
  | HypothesisEnded
  | PhaseStarted
  | PhaseEnded
  | SteadyStateChecked
  | ActionPlanned
  | ActionStarted
  | ActionEnded
  | ActionProgress
  | ReadinessSeen
  | UndoEnded
  | TrafficStarted
  | TrafficProgress
  | TrafficEnded
  | PrometheusRead
  | PermissionUsed
  | Finding
  | WorkerDied
  | Interrupted
  | Notice

/**
 * What a run does. `experiment`: all of it. `dry-run`: everything but the actions, which are only told. `steady-state`: it
 * looks at the steady states, and plays no method.
 */
export type RunMode = 'experiment' | 'dry-run' | 'steady-state'

export interface RunStarted {
  type: 'run-started'
  run: string
  version: string
  node: string
  platform: string
  host: string
  /** The command line after `chaos-test`. */
  arguments: string[]
  /** A URL with `{traceId}`, from the config. */
  traceLink?: string
  /** Absent: an experiment. */
  mode?: RunMode
}

export interface RunEnded {
  type: 'run-ended'
  verdict: Verdict
  exitCode: number
}

export interface FileStarted {
  type: 'file-started'
  /** Absent where the run has no cluster. */
  target?: TargetView
}

/** A target as a reader of the journal knows it: no credentials, no paths. */
export interface TargetView {
  kind: 'lab' | 'kubernetes'
  name: string
  namespace: string
}

export interface FileEnded {
  type: 'file-ended'
}

export interface HypothesisStarted {
  type: 'hypothesis-started'
  title: string
  /** What the spec says that will come of it: `hypothesis.deviates` expects a deviation. */
  expected: Expectation
  traceId: string
  /** The span of the whole experiment. */
  spanId?: string
  /** Where it stands in its spec file, from 1. */
  line?: number
  tags?: string[]
  /** Absent: an experiment. */
  mode?: RunMode
}

export type Expectation = 'held' | 'deviated'

export interface HypothesisEnded {
  type: 'hypothesis-ended'
  /** What it came to, whatever was expected: `againstExpectation` says what that counts as. */
  verdict: Verdict
  /** Whether an assertion about the system failed, expected or not. */
  deviated: boolean
  /** Why, in a sentence; absent when it held. */
  reason?: string
  /** The stable code of the error behind the reason. */
  code?: string
  /** Where in its spec file the reason arose, from 1. */
  line?: number
}

/**
 * `before`: the steady state, before anything is done. `method`: the body. `after`: the steady state, before the undo.
 * `rollback`: the undo. `restored`: the steady state, after the undo.
 */
export type Phase = 'before' | 'method' | 'after' | 'rollback' | 'restored'

export interface PhaseStarted {
  type: 'phase-started'
  phase: Phase
  spanId?: string
}

export interface PhaseEnded {
  type: 'phase-ended'
  phase: Phase
  error?: ErrorView
}

export interface SteadyStateChecked {
  type: 'steady-state-checked'
  title: string
  phase: Phase
  /** `null`: it could not be told (no data, a broken probe, an interruption). */
  met: boolean | null
  startedAt: number
  error?: ErrorView
}

/** A dry run has come to an action, and has not done it. */
export interface ActionPlanned {
  type: 'action-planned'
  /** What would be done, in words. */
  title: string
  /** What would undo it, in words; absent where nothing would need to be undone. */
  undo?: string
  before?: unknown
  after?: unknown
  /** Whether the target itself was asked what would come of it. */
  rehearsed: boolean
}

export interface ActionStarted {
  type: 'action-started'
  /** The id of the undo record, too. */
  action: string
  /** What is done, in words: `set image of deployment/service2 to counter/service2:v4`. */
  title: string
  /** What will undo it, in words; absent where nothing needs to be undone. */
  undo?: string
  before?: unknown
}

export interface ActionEnded {
  type: 'action-ended'
  action: string
  after?: unknown
  error?: ErrorView
}

/** A step of something long, such as a rollout: what a person watching wants to know. */
export interface ActionProgress {
  type: 'action-progress'
  /** What makes progress: `deployment/service2`. */
  subject: string
  message: string
  data?: unknown
}

/** Who is ready, whenever that changes: the pods of a workload that is rolled out, or who answers for a service. */
export interface ReadinessSeen {
  type: 'readiness-seen'
  /** `deployment/service2`, `service/service1`. */
  subject: string
  ready: ReadyCounts
}

export interface ReadyCounts {
  /** Ready, of a version that was there when the looking began. */
  before: number
  /** Ready, of a version that came later. */
  later: number
  /** Not ready, of any version. What is ending does not count. */
  notReady: number
}

export interface UndoEnded {
  type: 'undo-ended'
  action: string
  /** What was undone, in words. */
  title: string
  status: 'undone' | 'target-gone' | 'failed'
  /** Who did it: the worker, the command, the guardian, a later run. */
  by: string
  startedAt: number
  error?: ErrorView
}

export interface PrometheusRead {
  type: 'prometheus-read'
  query: string
  from: number
  to: number
  /** The result in words: `0 of 221 (0 %)`. */
  result: string
  value: number | null
  /** What it was made of, for those who look at it; absent where it was no series of a window. */
  series?: SeriesView[]
}

/** The samples of a series, perhaps thinned out. */
export interface SeriesView {
  labels: Readonly<Record<string, string>>
  /** Milliseconds since the start of the window, and the value. */
  samples: Array<[sinceFromMs: number, value: number]>
}

/** The first request of its kind to the Kubernetes API, or what an action says that it needs. */
export interface PermissionUsed {
  type: 'permission-used'
  permission: PermissionView
}

/** A right, as a rule of a Role grants it. */
export interface PermissionView {
  verb: string
  /** `''` for the core group. */
  group: string
  resource: string
  subresource?: string
  /** Absent: of the whole cluster. */
  namespace?: string
  /** Absent: every object of that kind. */
  name?: string
}

export interface Finding {
  type: 'finding'
  title: string
  data?: unknown
}

export interface WorkerDied {
  type: 'worker-died'
  pid: number
}

export interface Interrupted {
  type: 'interrupted'
  /** `SIGINT`, `SIGTERM`, `SIGHUP`, or how else the run was cut. */
  signal: string
}

/** Something that a person should know and that changes no verdict: dropped spans, a slow lab. */
export interface Notice {
  type: 'notice'
  message: string
}

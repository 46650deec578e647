import type { ChaosEvent, Expectation, HypothesisEnded, HypothesisStarted, RunStarted } from './events.ts'
import { reduceScope } from './scope.ts'
import {
  emptyRun,
  emptyScope,
  type FileState,
  type HypothesisOutcome,
  type HypothesisState,
  type RunState,
  type RunView,
} from './state.ts'
import { againstExpectation } from './verdict.ts'

/**
 * Folds an event into the state of a run.
 *
 * The events of one file come in the order in which they were written; those of different files in any. An event whose
 * hypothesis or file was never heard of creates it: the log that named it may have been torn. Types from a later
 * version change nothing.
 *
 * @example
 * const state = events.reduce(reduce, emptyRun)
 */
export function reduce(state: RunState, event: ChaosEvent): RunState {
  return { ...reduceRun(state, event), lastEventAt: Math.max(state.lastEventAt ?? event.at, event.at) }
}

/** The state that events tell. */
export function stateOf(events: readonly ChaosEvent[]): RunState {
  return events.reduce(reduce, emptyRun)
}

function reduceRun(state: RunState, event: ChaosEvent): RunState {
  switch (event.type) {
    case 'run-started':
      return { ...state, run: runOf(event, event.at) }
    case 'run-ended':
      return { ...state, ended: { verdict: event.verdict, exitCode: event.exitCode, at: event.at } }
    case 'interrupted':
      // The first signal cut the run, whatever came after it.
      return { ...state, interruption: state.interruption ?? { signal: event.signal, at: event.at } }
    case 'notice':
      return { ...state, notices: [...state.notices, { message: event.message, at: event.at, ...fileOf(event) }] }
    default:
      return reducePlace(state, event)
  }
}

function runOf(event: RunStarted, startedAt: number): RunView {
  const { run, version, node, platform, host, arguments: args, traceLink, mode } = event
  const optional = { ...(traceLink ? { traceLink } : {}), ...(mode ? { mode } : {}) }
  return { id: run, startedAt, version, node, platform, host, arguments: args, ...optional }
}

/** Takes the event to where it belongs: a hypothesis, a file, or the run. */
function reducePlace(state: RunState, event: ChaosEvent): RunState {
  const { file = ownerOf(state, event), hypothesis } = event
  if (file === undefined) return reduceScope(state, event)
  const change = (known: FileState) =>
    hypothesis === undefined ? reduceFile(known, event) : changeHypothesis(known, hypothesis, event)
  return changeFile(state, file, change)
}

/** The file of an event that names only its hypothesis. */
function ownerOf(state: RunState, event: ChaosEvent): string | undefined {
  if (event.hypothesis === undefined) return undefined
  return state.files.find((file) => file.hypotheses.some(({ id }) => id === event.hypothesis))?.path
}

function changeFile(state: RunState, path: string, change: (file: FileState) => FileState): RunState {
  const index = state.files.findIndex((file) => file.path === path)
  const changed = change(state.files[index] ?? { ...emptyScope, path, hypotheses: [] })
  return { ...state, files: index < 0 ? [...state.files, changed] : state.files.with(index, changed) }
}

function reduceFile(file: FileState, event: ChaosEvent): FileState {
  switch (event.type) {
    case 'file-started':
      return { ...file, ...(event.target ? { target: event.target } : {}), startedAt: event.at }
    case 'file-ended':
      return { ...file, endedAt: event.at }
    case 'worker-died':
      return { ...file, workerDied: { pid: event.pid, at: event.at } }
    default:
      return reduceScope(file, event)
  }
}

function changeHypothesis(file: FileState, id: string, event: ChaosEvent): FileState {
  const index = file.hypotheses.findIndex((hypothesis) => hypothesis.id === id)
  const changed = reduceHypothesis(file.hypotheses[index] ?? unheardOf(id, file.path, event.at), event)
  return { ...file, hypotheses: index < 0 ? [...file.hypotheses, changed] : file.hypotheses.with(index, changed) }
}

function unheardOf(id: string, file: string, startedAt: number): HypothesisState {
  return { ...emptyScope, id, title: id, file, expected: 'held', traceId: '', tags: [], startedAt }
}

function reduceHypothesis(hypothesis: HypothesisState, event: ChaosEvent): HypothesisState {
  switch (event.type) {
    case 'hypothesis-started':
      return { ...hypothesis, ...startOf(event), startedAt: event.at }
    case 'hypothesis-ended':
      return { ...hypothesis, outcome: outcomeOf(event, event.at, hypothesis.expected) }
    default:
      return reduceScope(hypothesis, event)
  }
}

function startOf({ title, expected, traceId, spanId, line, tags = [], mode }: HypothesisStarted) {
  const place = line === undefined ? {} : { line }
  const optional = { ...(spanId === undefined ? {} : { spanId }), ...place, ...(mode ? { mode } : {}) }
  return { title, expected, traceId, tags, ...optional }
}

function outcomeOf(event: HypothesisEnded, at: number, expected: Expectation): HypothesisOutcome {
  const { deviated, reason, code, line } = event
  const verdict = againstExpectation(event.verdict, deviated, expected)
  return { verdict, deviated, at, ...(reason ? { reason } : {}), ...(code ? { code } : {}), ...(line ? { line } : {}) }
}

function fileOf({ file }: ChaosEvent): { file?: string } {
  return file === undefined ? {} : { file }
}

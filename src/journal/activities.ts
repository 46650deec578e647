import type { ErrorView } from '../support/errors.ts'
import { secondsBetween, timestamp } from './records.ts'
import type { ActionState, PrometheusReading, SteadyStateCheck, TrafficState, UndoState } from './state.ts'
import type { Activity, ActivityProvider, ActivityRun, ProbeRun, SteadyStateProbe, SteadyStateResult } from './types.ts'

/** An activity with the times that order it among the others. */
export interface TimedRun {
  run: ActivityRun
  startedAt: number
}

/** @param cutAt when an activity without an end ended at the latest. */
export function actionRun(action: ActionState, cutAt: number): TimedRun {
  const activity: Activity = {
    type: 'action',
    name: action.title ?? action.id,
    provider: provider('perform', { before: action.before ?? null }),
  }
  return timedRun(activity, action.after ?? null, { ...action, cutAt })
}

/** Users' traffic runs beside the other activities, so it is one in the background. */
export function trafficRun(traffic: TrafficState, cutAt: number): TimedRun {
  const { url, perSecond } = traffic
  const activity: Activity = {
    type: 'action',
    name: `traffic to ${url}`,
    background: true,
    provider: provider('traffic', { url, perSecond }),
  }
  return timedRun(activity, traffic.summary ?? traffic.outcomes, { ...traffic, cutAt })
}

export function prometheusRun({ query, from, to, result, value, at }: PrometheusReading): TimedRun {
  const window = { query, from: timestamp(from), to: timestamp(to) }
  const activity: Activity = { type: 'probe', name: query, provider: provider('prometheus', window) }
  return timedRun(activity, { result, value }, { startedAt: at, endedAt: at, cutAt: at })
}

/** The carrying out of an undo: nothing for one that is owed and was never tried. */
export function undoRun(undo: UndoState): TimedRun | undefined {
  const { startedAt, endedAt } = undo
  if (startedAt === undefined || endedAt === undefined) return undefined
  const timing = { startedAt, endedAt, cutAt: endedAt, ...(undo.error ? { error: undo.error } : {}) }
  const { run } = timedRun(undoActivity(undo), undo.status, timing)
  return { run: undo.status === 'failed' ? { ...run, status: 'failed' } : run, startedAt }
}

export function undoActivity(undo: UndoState): Activity {
  return { type: 'action', name: undo.title, provider: provider('undo', {}) }
}

export function steadyStateProbe(title: string): SteadyStateProbe {
  return { type: 'probe', name: title, tolerance: true, provider: provider('steadyState', {}) }
}

/** A steady state as a whole: met when all of it was, missed when any of it was. */
export function steadyStateResult(checks: readonly SteadyStateCheck[]): SteadyStateResult | null {
  if (checks.length === 0) return null
  return { steady_state_met: allMet(checks.map((check) => check.met)), probes: checks.map(probeRun) }
}

function allMet(met: readonly (boolean | null)[]): boolean | null {
  if (met.includes(false)) return false
  return met.includes(null) ? null : true
}

function probeRun(check: SteadyStateCheck): ProbeRun {
  const activity = steadyStateProbe(check.title)
  // A check that says "no" has worked; one that cannot tell has not.
  const { error, ...timing } = { ...check, cutAt: check.endedAt }
  const failure = check.met === null ? { error: error ?? { message: 'It could not be told.' } } : {}
  return {
    ...timedRun(activity, check.met, { ...timing, ...failure }).run,
    activity,
    tolerance_met: check.met === true,
  }
}

function provider(func: ActivityProvider['func'], args: Record<string, unknown>): ActivityProvider {
  return { type: 'chaos-test', func, arguments: args }
}

interface Timing {
  startedAt: number
  endedAt?: number
  cutAt: number
  error?: ErrorView
}

function timedRun(activity: Activity, output: unknown, timing: Timing): TimedRun {
  const { startedAt, endedAt = Math.max(startedAt, timing.cutAt) } = timing
  const error = timing.error ?? (timing.endedAt === undefined ? { message: 'It was cut short.' } : undefined)
  const run: ActivityRun = {
    activity,
    output,
    status: error ? 'failed' : 'succeeded',
    start: timestamp(startedAt),
    end: timestamp(endedAt),
    duration: secondsBetween(startedAt, endedAt),
    ...(error ? { exception: exceptionLines(error) } : {}),
  }
  return { run, startedAt }
}

function exceptionLines({ message, code }: ErrorView): string[] {
  const text = code === undefined ? message : `${code}: ${message}`
  return text.split('\n').map((line) => `${line}\n`)
}

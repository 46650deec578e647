import type {
  ActionState,
  FindingView,
  Interruption,
  PhaseState,
  PlannedAction,
  ProgressView,
  PrometheusReading,
  TrafficState,
  UndoState,
} from './state.ts'
import type {
  ActionRecord,
  FindingRecord,
  InterruptionRecord,
  PhaseRecord,
  PlannedRecord,
  ProgressRecord,
  PrometheusRecord,
  Timestamp,
  TrafficRecord,
  UndoneRecord,
} from './types.ts'

/** Milliseconds since the epoch as the Chaos Toolkit writes a time. */
export function timestamp(milliseconds: number): Timestamp {
  return new Date(milliseconds).toISOString().replace('Z', '+00:00')
}

export function timestampOrNull(milliseconds: number | undefined): Timestamp | null {
  return milliseconds === undefined ? null : timestamp(milliseconds)
}

/** Seconds between two times; never negative, although a clock may be set back. */
export function secondsBetween(startMs: number, endMs: number): number {
  return Math.max(0, endMs - startMs) / 1000
}

export function phaseRecord({ phase, startedAt, endedAt, error }: PhaseState): PhaseRecord {
  return { phase, start: timestamp(startedAt), end: timestampOrNull(endedAt), error: error ?? null }
}

export function plannedRecord({ title, undo, before, after, rehearsed, at }: PlannedAction): PlannedRecord {
  return {
    title,
    undo: undo ?? null,
    before: before ?? null,
    after: after ?? null,
    rehearsed,
    at: timestamp(at),
  }
}

export function actionRecord(action: ActionState): ActionRecord {
  const { id, title, startedAt, endedAt, before, after, error, undo } = action
  return {
    id,
    title: title ?? null,
    start: timestamp(startedAt),
    end: timestampOrNull(endedAt),
    before: before ?? null,
    after: after ?? null,
    error: error ?? null,
    undo: undo ? undoRecord(undo) : null,
  }
}

function undoRecord({ title, status, by, startedAt, endedAt, error }: UndoState): UndoneRecord {
  return {
    title,
    status,
    by: by ?? null,
    start: timestampOrNull(startedAt),
    end: timestampOrNull(endedAt),
    error: error ?? null,
  }
}

export function progressRecord({ subject, message, phase, at, data }: ProgressView): ProgressRecord {
  return { subject, message, phase: phase ?? null, at: timestamp(at), data: data ?? null }
}

export function trafficRecord(traffic: TrafficState): TrafficRecord {
  const { url, perSecond, load, reachedBy, phase, startedAt, endedAt, outcomes, summary, exemplars } = traffic
  return {
    url,
    perSecond,
    ...(load === undefined ? {} : { load }),
    ...(reachedBy === undefined ? {} : { reachedBy }),
    phase: phase ?? null,
    start: timestamp(startedAt),
    end: timestampOrNull(endedAt),
    outcomes,
    summary: summary ?? null,
    exemplars: [...exemplars],
  }
}

export function prometheusRecord(reading: PrometheusReading): PrometheusRecord {
  const { query, from, to, result, value, phase, at } = reading
  return { query, from: timestamp(from), to: timestamp(to), result, value, phase: phase ?? null, at: timestamp(at) }
}

export function findingRecord({ title, phase, at, data }: FindingView): FindingRecord {
  return { title, phase: phase ?? null, at: timestamp(at), data: data ?? null }
}

export function interruptionRecord(interruption: Interruption | undefined): InterruptionRecord | null {
  return interruption ? { signal: interruption.signal, at: timestamp(interruption.at) } : null
}

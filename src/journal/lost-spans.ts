import { phaseSpanNames, undoSpanName } from './spans.ts'
import { type ActionState, type HypothesisState, hypothesesOf, type PhaseState, type RunState } from './state.ts'

/** A span in OTLP JSON, as far as it is written here. */
interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: typeof internalKind
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: OtlpAttribute[]
  status: { code?: number; message?: string }
}

interface OtlpAttribute {
  key: string
  value: { stringValue: string } | { boolValue: boolean }
}

const internalKind = 1
const errorStatus = 2

/**
 * The spans that nobody could write while they ran, from the events: what the command, the guardian or a later run
 * undid, and the experiments and phases that a dead worker did not live to end. With them a trace is whole, however its
 * run ended.
 *
 * @param known the ids of the spans that were written
 * @returns `resourceSpans` of OTLP JSON; none where nothing was lost
 */
export function lostSpans(state: RunState, known: ReadonlySet<string>): unknown[] {
  const spans = hypothesesOf(state).flatMap((hypothesis) => spansOf(hypothesis, state, known))
  if (spans.length === 0) return []
  const attributes = [text('service.name', 'chaos-test'), text('chaos_test.run.id', state.run?.id ?? 'unknown')]
  return [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'chaos-test' }, spans }] }]
}

function spansOf(hypothesis: HypothesisState, state: RunState, known: ReadonlySet<string>): OtlpSpan[] {
  const { traceId, spanId, phases, actions, outcome } = hypothesis
  if (!traceId || spanId === undefined) return []
  const cutAt = outcome?.at ?? state.lastEventAt ?? hypothesis.startedAt
  const lostPhases = phases.filter((phase) => phase.spanId !== undefined && !known.has(phase.spanId))
  return [
    ...(known.has(spanId) ? [] : [experimentSpan(hypothesis, spanId, cutAt)]),
    ...lostPhases.map((phase) => phaseSpan(phase, { traceId, spanId, cutAt })),
    ...actions.flatMap((action) => undoSpan(action, { traceId, spanId })).filter((undo) => !known.has(undo.spanId)),
  ]
}

function experimentSpan(hypothesis: HypothesisState, spanId: string, cutAt: number): OtlpSpan {
  const { traceId, title, file, outcome, startedAt } = hypothesis
  const held = outcome?.verdict === 'held'
  return {
    ...span({ traceId, spanId, name: title, startedAt, endedAt: cutAt }),
    attributes: [
      text('test.case.name', title),
      text('test.suite.name', file),
      text('test.case.result.status', held ? 'pass' : 'fail'),
      ...(outcome ? [text('chaos_test.verdict', outcome.verdict), bool('chaos_test.deviated', outcome.deviated)] : []),
    ],
    status: held ? {} : { code: errorStatus, message: outcome?.reason ?? 'Its end was never recorded.' },
  }
}

interface Place {
  traceId: string
  spanId: string
}

function phaseSpan(phase: PhaseState, { traceId, spanId, cutAt }: Place & { cutAt: number }): OtlpSpan {
  const { startedAt, endedAt, error } = phase
  const message = error?.message ?? (endedAt === undefined ? 'It was cut short.' : undefined)
  return {
    ...span({
      traceId,
      spanId: phase.spanId ?? '',
      parentSpanId: spanId,
      name: phaseSpanNames[phase.phase],
      startedAt,
      endedAt: endedAt ?? cutAt,
    }),
    attributes: [text('chaos_test.phase', phase.phase)],
    status: message === undefined ? {} : { code: errorStatus, message },
  }
}

/** An undo by somebody else than the worker, whose own are in its trace. */
function undoSpan({ id, undo }: ActionState, { traceId, spanId }: Place): OtlpSpan[] {
  if (undo?.by === undefined || undo.by === 'worker' || undo.startedAt === undefined || undo.endedAt === undefined) {
    return []
  }
  const { title, status, by, startedAt, endedAt, error } = undo
  return [
    {
      ...span({
        traceId,
        // The same in each reading of the events: doing it again adds no second one.
        spanId: `${spanId.slice(0, 8)}${id.padStart(8, '0')}`,
        parentSpanId: spanId,
        name: undoSpanName(title),
        startedAt,
        endedAt,
      }),
      attributes: [
        text('chaos_test.activity', 'undo'),
        text('chaos_test.action.id', id),
        text('chaos_test.undo.by', by),
        text('chaos_test.undo.status', status),
      ],
      status: status === 'failed' ? { code: errorStatus, message: error?.message ?? 'It is still owed.' } : {},
    },
  ]
}

interface SpanTimes extends Place {
  parentSpanId?: string
  name: string
  /** Milliseconds since the epoch. */
  startedAt: number
  endedAt: number
}

function span({ startedAt, endedAt, ...ids }: SpanTimes): Omit<OtlpSpan, 'attributes' | 'status'> {
  const nanoseconds = (milliseconds: number) => `${Math.round(milliseconds)}000000`
  return {
    ...ids,
    kind: internalKind,
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(Math.max(startedAt, endedAt)),
  }
}

function text(key: string, value: string): OtlpAttribute {
  return { key, value: { stringValue: value } }
}

function bool(key: string, value: boolean): OtlpAttribute {
  return { key, value: { boolValue: value } }
}

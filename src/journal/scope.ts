import type { ChaosEvent, EventHead, Phase, PhaseEnded, TrafficProgress, TrafficStarted, UndoEnded } from './events.ts'
import {
  type ActionState,
  currentPhase,
  type PhaseState,
  type Scope,
  type TrafficState,
  type UndoState,
} from './state.ts'

/** Folds an event into the scope that it belongs to; one that no scope keeps leaves it as it is. */
export function reduceScope<S extends Scope>(scope: S, event: ChaosEvent): S {
  switch (event.type) {
    case 'phase-started':
      return { ...scope, phases: [...scope.phases, { ...contentOf(event), startedAt: event.at }] }
    case 'phase-ended':
      return { ...scope, phases: endPhase(scope.phases, event) }
    case 'steady-state-checked':
      return { ...scope, checks: [...scope.checks, { ...contentOf(event), endedAt: event.at }] }
    case 'action-progress':
      return { ...scope, progress: [...scope.progress, { ...contentOf(event), ...seenIn(scope, event) }] }
    case 'readiness-seen':
      return { ...scope, readiness: [...scope.readiness, { ...contentOf(event), at: event.at }] }
    case 'prometheus-read':
      return { ...scope, prometheus: [...scope.prometheus, { ...contentOf(event), ...seenIn(scope, event) }] }
    case 'finding':
      return { ...scope, findings: [...scope.findings, { ...contentOf(event), ...seenIn(scope, event) }] }
    case 'action-planned':
      return { ...scope, planned: [...scope.planned, { ...contentOf(event), ...seenIn(scope, event) }] }
    case 'action-started':
    case 'action-ended':
    case 'undo-ended':
      return {
        ...scope,
        actions: replace(
          scope.actions,
          ({ id }) => id === event.action,
          (action) => reduceAction(action, event, scope),
        ),
      }
    case 'traffic-started':
      return { ...scope, traffic: [...scope.traffic, trafficFrom(event, scope)] }
    case 'traffic-progress':
    case 'traffic-ended':
      return {
        ...scope,
        traffic: replace(
          scope.traffic,
          ({ id, endedAt }) => id === event.traffic && endedAt === undefined,
          (traffic) => reduceTraffic(traffic ?? trafficFrom(event, scope), event),
        ),
      }
    default:
      return scope
  }
}

type ActionEvent = Extract<ChaosEvent, { type: 'action-started' | 'action-ended' | 'undo-ended' }>
type TrafficEvent = Extract<ChaosEvent, { type: 'traffic-started' | 'traffic-progress' | 'traffic-ended' }>

/** An action is known from whichever of its events comes first: the undo may be in another log than the start. */
function reduceAction(known: ActionState | undefined, event: ActionEvent, scope: Scope): ActionState {
  const action = known ?? { id: event.action, startedAt: 'startedAt' in event ? event.startedAt : event.at }
  switch (event.type) {
    case 'action-started': {
      const { action: _, undo, ...content } = contentOf(event)
      const owed: UndoState | undefined =
        action.undo ?? (undo === undefined ? undefined : { title: undo, status: 'owed' })
      return { ...action, ...content, ...phaseOf(scope), startedAt: event.at, ...(owed ? { undo: owed } : {}) }
    }
    case 'action-ended': {
      const { action: _, ...content } = contentOf(event)
      return { ...action, ...content, endedAt: event.at }
    }
    case 'undo-ended':
      return { ...action, undo: laterUndo(action.undo, event) }
  }
}

/** The latest attempt counts: one that failed may be followed by one that worked, in another process. */
function laterUndo(known: UndoState | undefined, event: UndoEnded & EventHead): UndoState {
  if (known?.endedAt !== undefined && known.endedAt > event.at) return known
  const { action: _, ...content } = contentOf(event)
  return { ...content, endedAt: event.at }
}

/** One handle may run many times, one after the other: each start is a traffic of its own. */
function trafficFrom(event: TrafficEvent, scope: Scope): TrafficState {
  const { url, perSecond, load, reachedBy, atLeastMs }: Partial<TrafficStarted> =
    event.type === 'traffic-started' ? event : {}
  return {
    id: event.traffic,
    url: url ?? '',
    perSecond: perSecond ?? 0,
    ...(load === undefined ? {} : { load }),
    ...(reachedBy === undefined ? {} : { reachedBy }),
    ...(atLeastMs === undefined ? {} : { atLeastMs }),
    startedAt: event.at,
    outcomes: {},
    lately: [],
    exemplars: [],
    ...phaseOf(scope),
  }
}

/** As many as a person watching can tell apart at a glance. */
const secondsShown = 20

function reduceTraffic(traffic: TrafficState, event: Exclude<TrafficEvent, { type: 'traffic-started' }>): TrafficState {
  if (event.type === 'traffic-progress') {
    const lately = [...traffic.lately, event.outcomes].slice(-secondsShown)
    return { ...traffic, outcomes: sum(traffic.outcomes, event), lately }
  }
  const { startedAt, summary, exemplars = [] } = event
  return { ...traffic, startedAt, endedAt: event.at, outcomes: summary.outcomes, summary, exemplars }
}

function sum(outcomes: TrafficState['outcomes'], progress: TrafficProgress): TrafficState['outcomes'] {
  const total = { ...outcomes }
  for (const [outcome, count] of Object.entries(progress.outcomes)) total[outcome] = (total[outcome] ?? 0) + count
  return total
}

function endPhase(phases: readonly PhaseState[], event: PhaseEnded & EventHead): PhaseState[] {
  const index = phases.findLastIndex((phase) => phase.phase === event.phase && phase.endedAt === undefined)
  const open = phases[index] ?? { phase: event.phase, startedAt: event.at }
  const ended = { ...open, endedAt: event.at, ...(event.error ? { error: event.error } : {}) }
  return index < 0 ? [...phases, ended] : phases.with(index, ended)
}

/** Replaces the last item that is meant, or appends one. */
function replace<Item>(
  items: readonly Item[],
  isMeant: (item: Item) => boolean,
  change: (item: Item | undefined) => Item,
): Item[] {
  const index = items.findLastIndex(isMeant)
  const changed = change(items[index])
  return index < 0 ? [...items, changed] : items.with(index, changed)
}

type Content<Event extends ChaosEvent> = Omit<Event, 'type' | keyof EventHead>

/** What an event says, without its head. */
function contentOf<Event extends ChaosEvent>(event: Event): Content<Event> {
  const { type: _type, at: _at, file: _file, hypothesis: _hypothesis, ...content } = event
  return content
}

function seenIn(scope: Scope, event: EventHead): { at: number; phase?: Phase } {
  return { at: event.at, ...phaseOf(scope) }
}

function phaseOf(scope: Scope): { phase?: Phase } {
  const phase = currentPhase(scope)
  return phase === undefined ? {} : { phase }
}

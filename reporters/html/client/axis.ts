import type { HypothesisView, PhaseView } from '../view.ts'

/** The time that a hypothesis is shown over. Zero is the start of its method. */
export interface TimeAxis {
  /** Milliseconds since the epoch. */
  zero: number
  /** Milliseconds since zero. */
  from: number
  to: number
}

export function timeAxis(hypothesis: HypothesisView): TimeAxis {
  const { phases, traffic, checks, startedAt, endedAt } = hypothesis
  const zero = phases.find(({ phase }) => phase === 'method')?.from ?? startedAt
  const starts = [startedAt, ...traffic.map(({ from }) => from), ...checks.map(({ from }) => from)]
  const ends = [endedAt, startedAt + 1000]
  return { zero, from: Math.min(...starts) - zero, to: Math.max(...ends) - zero }
}

export interface PhaseBand {
  name: string
  label: string
  /** Where there is little room. */
  shortLabel: string
  from: number
  to: number
  isFailed: boolean
}

const steady = { label: 'steady state', shortLabel: 'steady' }
const labels: Record<PhaseView['phase'], Pick<PhaseBand, 'label' | 'shortLabel'>> = {
  before: steady,
  method: { label: 'method', shortLabel: 'method' },
  after: steady,
  rollback: { label: 'rollback', shortLabel: 'undo' },
  restored: steady,
}

/** The phases on the axis; what the hooks saw before is the steady state that the hypothesis starts from. */
export function phaseBands({ phases, startedAt }: HypothesisView, { zero, from }: TimeAxis): PhaseBand[] {
  const bands = phases.map(({ phase, from: start, to, error }) => ({
    name: phase,
    ...labels[phase],
    from: start - zero,
    to: to - zero,
    isFailed: error !== undefined,
  }))
  const [first] = bands
  if (first?.name === 'before') first.from = from
  else if (startedAt - zero > from)
    bands.unshift({ name: 'before', ...labels.before, from, to: startedAt - zero, isFailed: false })
  return bands.filter((band) => band.to > band.from)
}

/** The phase that a time (since zero) is in. */
export function phaseAt(bands: readonly PhaseBand[], at: number): string {
  return bands.find((band) => at >= band.from && at < band.to)?.name ?? ''
}

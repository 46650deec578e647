import { usageError } from '../support/errors.ts'
import { type Duration, formatMilliseconds, type Rate, toMilliseconds, toPerSecond } from '../support/quantities.ts'
import type { RateSegment } from './arrivals.ts'
import type { LoadModel } from './engine.ts'

/** How much the users do: `rate` is an open loop, `users` a closed one. */
export interface LoadOptions {
  /** The arrival rate. It does not depend on the answers: this is an open loop. */
  rate?: ArrivalRate
  /** `even`: evenly spaced. `poisson`: at random, as independent users come, on average at the rate. @default 'even' */
  arrivals?: 'even' | 'poisson'
  /** Of `poisson`: the same seed gives the same times. @default 1 */
  seed?: number
  /** How many requests may wait for their answer at the same time; the next ones wait for their turn. @default 1000 */
  maxInFlight?: number
  /** How much later than planned a request may be sent; later than that it is dropped. @default '1s' */
  latenessBudget?: Duration
  /** So many users, each of whom waits for the answer before the next request: a closed loop. */
  users?: number
  /** How long each of `users` waits after an answer. @default 0 */
  think?: Duration
}

/** One rate, one that changes evenly and then stays, or several one after the other, of which the last one stays. */
export type ArrivalRate = Rate | RateRamp | readonly RateStep[]

export interface RateRamp {
  from: Rate
  to: Rate
  over: Duration
}

export interface RateStep {
  rate: Rate
  /** Needed for all but the last. */
  for?: Duration
}

/** @throws CHAOS_BAD_RATE, CHAOS_BAD_DURATION, CHAOS_BAD_OPTION (usage) */
export function loadModel(options: LoadOptions): LoadModel {
  const { rate, users, think, arrivals = 'even', seed = 1, maxInFlight = 1000, latenessBudget = '1s' } = options
  if ((rate === undefined) === (users === undefined)) {
    throw usageError(
      'CHAOS_BAD_OPTION',
      "traffic: say either how many requests arrive (rate: '10/s') or how many users there are (users: 50, think: '1s').",
    )
  }
  if (users !== undefined) return { kind: 'closed', users: whole('users', users), thinkMs: toMilliseconds(think ?? 0) }
  return {
    kind: 'open',
    arrivals: { segments: segmentsOf(options), ...(arrivals === 'poisson' ? { poissonSeed: seed } : {}) },
    maxInFlight: whole('maxInFlight', maxInFlight),
    latenessBudgetMs: toMilliseconds(latenessBudget),
  }
}

/** The load for people: `10/s`, `10/s rising to 100/s over 30 s`, `50 users who think for 1 s`. */
export function loadWords({ rate, arrivals, users, think }: LoadOptions): string {
  if (rate === undefined) {
    const pause = toMilliseconds(think ?? 0)
    return `${users} users${pause > 0 ? ` who think for ${formatMilliseconds(pause)}` : ''}`
  }
  return `${rateWords(rate)}${arrivals === 'poisson' ? ' at random' : ''}`
}

/** The highest arrival rate; 0 in a closed loop. */
export function peakPerSecond(options: LoadOptions): number {
  if (options.rate === undefined) return 0
  return Math.max(...segmentsOf(options).flatMap(({ fromPerSecond, toPerSecond }) => [fromPerSecond, toPerSecond]))
}

function rateWords(rate: ArrivalRate): string {
  if (typeof rate === 'string') return rate
  if (isRamp(rate)) {
    const way = toPerSecond(rate.to) < toPerSecond(rate.from) ? 'falling' : 'rising'
    return `${rate.from} ${way} to ${rate.to} over ${formatMilliseconds(toMilliseconds(rate.over))}`
  }
  return rate
    .map((step, index) =>
      index === rate.length - 1 ? step.rate : `${step.rate} for ${formatMilliseconds(toMilliseconds(step.for ?? 0))}`,
    )
    .join(', then ')
}

function segmentsOf({ rate }: LoadOptions): RateSegment[] {
  if (rate === undefined) return []
  if (typeof rate === 'string') return [constant(rate)]
  if (isRamp(rate)) {
    const { from, to, over } = rate
    const ramp = { fromPerSecond: toPerSecond(from), toPerSecond: toPerSecond(to), durationMs: duration('over', over) }
    return [ramp, constant(to)]
  }
  const last = rate.at(-1)
  if (!last) throw usageError('CHAOS_BAD_OPTION', 'traffic: rate is an empty list. Give it at least one step.')
  return [...rate.slice(0, -1).map((step) => constant(step.rate, duration('for', step.for ?? 0))), constant(last.rate)]
}

function isRamp(rate: ArrivalRate): rate is RateRamp {
  return typeof rate === 'object' && 'from' in rate
}

function constant(rate: Rate, durationMs = Number.POSITIVE_INFINITY): RateSegment {
  const perSecond = toPerSecond(rate)
  return { fromPerSecond: perSecond, toPerSecond: perSecond, durationMs }
}

function duration(option: string, value: Duration): number {
  const milliseconds = toMilliseconds(value)
  if (milliseconds > 0) return milliseconds
  throw usageError('CHAOS_BAD_OPTION', `traffic: "${option}" of a rate must be more than 0.`)
}

function whole(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value
  throw usageError('CHAOS_BAD_OPTION', `traffic: ${option} must be a whole number above 0, and is ${value}.`)
}

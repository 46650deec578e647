import type { Probe } from 'kubernetes-types/core/v1.d.ts'
import type { Clock } from '../../support/clock.ts'
import type { LagMeter } from './lag.ts'
import type { ProbeOutcome } from './probe.ts'

/** The times and thresholds of a probe, with Kubernetes' defaults filled in. */
export interface ProbeSchedule {
  initialDelayMs: number
  periodMs: number
  timeoutMs: number
  successThreshold: number
  failureThreshold: number
}

export type ProbeKind = 'startup' | 'liveness' | 'readiness'

/** What the first round of a probe depends on, in milliseconds since the epoch. */
export interface ProbeOccasion {
  /** When the container started. */
  startedAtMs: number
  /** When it was seen that it runs and, where it has a startup probe, that it has passed that. */
  seenAtMs: number
}

/**
 * When a probe is taken first, after the rules of Kubernetes 1.32: readiness as soon as it is seen that the container
 * runs, the others when a period is over, and none before the initial delay is. All further ones follow by the period.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/prober/worker.go
 */
export function firstRoundMs(kind: ProbeKind, schedule: ProbeSchedule, occasion: ProbeOccasion): number {
  const { initialDelayMs, periodMs } = schedule
  const { startedAtMs, seenAtMs } = occasion
  const first = kind === 'readiness' ? seenAtMs : startedAtMs + periodMs
  const earliest = Math.max(seenAtMs, startedAtMs + initialDelayMs)
  const skipped = Math.max(0, Math.ceil((earliest - first) / periodMs))
  return first + skipped * periodMs
}

export function scheduleOf(probe: Probe): ProbeSchedule {
  return {
    initialDelayMs: (probe.initialDelaySeconds || 0) * 1000,
    periodMs: (probe.periodSeconds || 10) * 1000,
    timeoutMs: (probe.timeoutSeconds || 1) * 1000,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}

/** Counts outcomes: only a row of equal ones, as long as its threshold, says something. */
export class ProbeTally {
  readonly #schedule: ProbeSchedule
  #last: boolean | undefined
  #run = 0

  constructor(schedule: ProbeSchedule) {
    this.#schedule = schedule
  }

  /** Whether the container is now to be held for healthy, or `undefined` when the outcome says nothing yet. */
  record(healthy: boolean): boolean | undefined {
    this.#run = healthy === this.#last ? this.#run + 1 : 1
    this.#last = healthy
    const threshold = healthy ? this.#schedule.successThreshold : this.#schedule.failureThreshold
    return this.#run >= threshold ? healthy : undefined
  }
}

export interface ProbeRounds {
  schedule: ProbeSchedule
  /** When the first is due, in milliseconds since the epoch. */
  firstMs: number
  /** Takes the probe once; the signal is its timeout, and the end of the rounds. */
  take(signal: AbortSignal): Promise<ProbeOutcome>
  /** Told of each outcome that says something: `false` from this on ends the rounds. */
  onVerdict(healthy: boolean): boolean
  /** Told of each unhealthy outcome, whether it says something or not. */
  onUnhealthy(message: string): void
  /** Told of each unhealthy outcome that is not believed, and how long this process stood still meanwhile. */
  onDisbelieved(message: string, stoodStillMs: number): void
  lag: Pick<LagMeter, 'worstSince'>
  clock: Clock
  signal: AbortSignal
}

/** The share of a probe's timeout for which the prober itself may stand still and still be believed. */
const believedShare = 0.5

/**
 * Probes again and again, once a period, until a verdict ends it or the signal aborts. Never rejects.
 *
 * A failure is not believed when this process itself stood still for more than half the probe's timeout meanwhile: it
 * counts for nothing, and the probe is repeated at once; when that is not to be believed either, after its period.
 */
export async function probeInRounds(rounds: ProbeRounds): Promise<void> {
  const { schedule, clock, signal } = rounds
  const tally = new ProbeTally(schedule)
  let isRepeated = false
  let nextMs = rounds.firstMs
  try {
    for (;;) {
      await clock.sleep(Math.max(0, nextMs - clock.now()), signal)
      nextMs = Math.max(nextMs + schedule.periodMs, clock.now())
      const outcome = await believedOutcome(rounds)
      if (signal.aborted) return
      isRepeated = !outcome && !isRepeated
      if (isRepeated) nextMs = clock.now()
      if (!outcome) continue
      if (!outcome.healthy) rounds.onUnhealthy(outcome.message)
      const verdict = tally.record(outcome.healthy)
      if (verdict !== undefined && !rounds.onVerdict(verdict)) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function believedOutcome(rounds: ProbeRounds): Promise<ProbeOutcome | undefined> {
  const { take, lag, schedule, signal } = rounds
  const since = performance.now()
  const outcome = await take(AbortSignal.any([signal, AbortSignal.timeout(schedule.timeoutMs)]))
  if (outcome.healthy) return outcome
  const stoodStillMs = lag.worstSince(since)
  if (stoodStillMs <= schedule.timeoutMs * believedShare) return outcome
  if (!signal.aborted) rounds.onDisbelieved(outcome.message, stoodStillMs)
  return undefined
}

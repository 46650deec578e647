import type { Phase } from '../journal/events.ts'
import { monotonicClock } from '../support/clock.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, errorView, isInconclusive, messageOf, usageError } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'
import { type Miss, missOf } from './outcome.ts'
import type { SpecFile } from './spec-file.ts'
import { Watch } from './watch.ts'

/** Looks at the system and asserts what is normal. */
export type Probe = () => unknown

export interface SteadyStateOptions {
  /**
   * Looks again and again while a method runs, so often: from the start of one look to that of the next. A miss fails the
   * hypothesis, also when what is normal came back.
   */
  continuously?: Duration
  /** A miss ends the method at once, and the target is put back. @default false */
  abort?: boolean
  /**
   * How long it may take to come back after a rollback, which is often a rollout itself: its last pod ends, and the nodes
   * hear of it, a moment after it is over. With `0` it must be there at the first look. @default '10s'
   */
  backWithin?: Duration
}

interface SteadyState {
  title: string
  probe: Probe
  /** Absent: it is not looked at while a method runs. */
  everyMs?: number
  abort: boolean
  backWithinMs: number
}

/** The steady states of a spec file. */
export class SteadyStates {
  readonly #file: SpecFile
  readonly #declared: SteadyState[] = []
  /** What was amiss when they were established: no hypothesis of the file may act. */
  missed: Miss | undefined
  /** Whether all held at the last check, and no action or hypothesis came after it. */
  #fresh = true

  constructor(file: SpecFile) {
    this.#file = file
  }

  /** Whether nothing was declared. */
  get isEmpty(): boolean {
    return this.#declared.length === 0
  }

  async establish(title: string, probe: Probe, options: SteadyStateOptions = {}): Promise<void> {
    const state = steadyStateOf(title, probe, options)
    this.#declared.push(state)
    const miss = await this.#check(state, 'before', this.#file.cancelled)
    if (!miss) return
    this.missed ??= miss
    this.#file.actions.closeFence(`the steady state "${title}" was not there before anything was done.`)
  }

  /** Checks all of them. @returns the first miss: what comes after it would only repeat it. */
  async verify(phase: Phase, signal: AbortSignal): Promise<Miss | undefined> {
    this.#fresh = false
    for (const state of this.#declared) {
      const miss = await this.#check(state, phase, signal)
      if (miss) return miss
    }
    this.#fresh = true
    return undefined
  }

  /** Like `verify`, and without a check where the last one still tells: at the first hypothesis of a file. */
  async verifyUnlessFresh(phase: Phase, signal: AbortSignal): Promise<Miss | undefined> {
    if (this.missed) return this.missed
    return this.#fresh ? undefined : await this.verify(phase, signal)
  }

  /** Looks at those that are watched continuously, from now until the watch is ended. */
  watch(signal: AbortSignal): Watch {
    const watched = this.#declared.flatMap((state) => {
      const { everyMs, abort } = state
      if (everyMs === undefined) return []
      return [{ everyMs, abort, check: (looking: AbortSignal) => this.#check(state, 'method', looking) }]
    })
    return new Watch(watched, signal)
  }

  /** From now on the last check tells nothing: something may have changed. */
  expire(): void {
    this.#fresh = false
  }

  async #check(state: SteadyState, phase: Phase, parent: AbortSignal): Promise<Miss | undefined> {
    const { title } = state
    const look = phase === 'restored' ? this.#untilBack : phase === 'method' ? this.#look : this.#untilTold
    const { error, startedAt } = await look.call(this, state, phase, parent)
    const seen = error === undefined ? { met: true } : { met: metBy(error), error: errorView(error) }
    this.#file.record({ type: 'steady-state-checked', title, phase, ...seen, startedAt })
    return error === undefined ? undefined : missOf(phase, error)
  }

  /** A look that could not tell is made again: it said nothing about the system, and the next one may. */
  async #untilTold(state: SteadyState, phase: Phase, parent: AbortSignal): Promise<Look> {
    for (let asked = 1; ; asked++) {
      const look = await this.#look(state, phase, parent)
      if (parent.aborted || asked === mostAsked || !isInconclusive(look.error)) return look
      this.#notice(`Could not be told, so asked again: ${messageOf(look.error)}`)
    }
  }

  /** After a rollback: looks until what is normal is back, or has had its time. The last look begins when that is over. */
  async #untilBack(state: SteadyState, phase: Phase, parent: AbortSignal): Promise<Look> {
    const { title, backWithinMs } = state
    const began = monotonicClock.now()
    for (let looks = 1; ; looks++) {
      const waitedMs = monotonicClock.now() - began
      const look = await this.#look(state, phase, parent)
      const waited = formatMilliseconds(waitedMs)
      if (parent.aborted) return look
      if (look.error === undefined) {
        if (looks > 1) this.#notice(`After the rollback, "${title}" took ${waited} to come back.`)
        return look
      }
      if (waitedMs >= backWithinMs) {
        if (looks > 1) look.error.message = `after ${waited} and ${looks} looks, ${look.error.message}`
        return look
      }
      await monotonicClock.sleep(Math.min(lookAgainMs, backWithinMs - waitedMs), parent).catch(() => undefined)
    }
  }

  #notice(message: string): void {
    this.#file.record({ type: 'notice', message })
  }

  /** One look. What is amiss has the title of the steady state before it. */
  async #look({ title, probe }: SteadyState, phase: Phase, parent: AbortSignal): Promise<Look> {
    const startedAt = Date.now()
    const { hypothesis } = this.#file.caller()
    const { hookMs } = this.#file.context.timeouts
    const look = async (signal: AbortSignal) => {
      const caller = { signal, ...(hypothesis === undefined ? {} : { hypothesis }) }
      await this.#file.as(caller, async () => await probe())
    }
    try {
      await this.#file.spans.probe(title, phase, () => within(hookMs, () => probeTimeout(title, hookMs), look, parent))
      return { startedAt }
    } catch (error) {
      return { startedAt, error: named(title, phase, error) }
    }
  }
}

/** What one look came to. */
interface Look {
  /** In milliseconds since the epoch. */
  startedAt: number
  /** Absent: it is as is normal. */
  error?: Error
}

/** How often a check is made that could not be told. */
const mostAsked = 3

/** From the end of one look to the next, while what is normal comes back. */
const lookAgainMs = 250

/** Whether it says that the system is not as is normal; `null` when it says nothing about the system. */
function metBy(error: unknown): boolean | null {
  return missOf('method', error).verdict === 'deviated' ? false : null
}

/** @throws CHAOS_BAD_DURATION, CHAOS_BAD_OPTION (usage) */
function steadyStateOf(title: string, probe: Probe, options: SteadyStateOptions): SteadyState {
  const { continuously, abort = false, backWithin = '10s' } = options
  const state = { title, probe, abort, backWithinMs: toMilliseconds(backWithin) }
  if (continuously === undefined) {
    if (!abort) return state
    throw usageError(
      'CHAOS_BAD_OPTION',
      `The steady state "${title}" has abort, and nothing that could: it is not watched while a method runs. Add continuously: '1s'.`,
    )
  }
  const everyMs = toMilliseconds(continuously)
  if (everyMs > 0) return { ...state, everyMs }
  throw usageError('CHAOS_BAD_DURATION', `The steady state "${title}": continuously must be more than 0.`)
}

/** The error of a probe, with the title of the steady state before it. Whatever was thrown is one. */
function named(title: string, phase: Phase, thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown))
  const when = phase === 'method' ? 'While the method ran, ' : ''
  error.message = `${when}"${title}": ${messageOf(error)}`
  return error
}

function probeTimeout(title: string, limitMs: number): ChaosError {
  return new ChaosError(
    'CHAOS_STEADY_STATE_TIMEOUT',
    `The steady state "${title}" gave no answer within ${formatMilliseconds(limitMs)}: its probe hangs, or needs a longer "timeouts.hook" in the config.`,
  )
}

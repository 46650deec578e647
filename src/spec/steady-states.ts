import type { Phase } from '../journal/events.ts'
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
}

interface SteadyState {
  title: string
  probe: Probe
  /** Absent: it is not looked at while a method runs. */
  everyMs?: number
  abort: boolean
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

  /**
   * A check that could not be told is made again: it said nothing about the system, and the next one may. Not while a
   * method runs, where the next look comes by itself.
   */
  async #check(state: SteadyState, phase: Phase, parent: AbortSignal): Promise<Miss | undefined> {
    const { title } = state
    for (let asked = 1; ; asked++) {
      const startedAt = Date.now()
      const error = await this.#look(state, phase, parent)
      const couldBeTold = !isInconclusive(error) || parent.aborted
      if (couldBeTold || phase === 'method' || asked === mostAsked) {
        const seen = error === undefined ? { met: true } : { met: metBy(error), error: errorView(error) }
        this.#file.record({ type: 'steady-state-checked', title, phase, ...seen, startedAt })
        return error === undefined ? undefined : missOf(phase, error)
      }
      this.#file.record({ type: 'notice', message: `Could not be told, so asked again: ${messageOf(error)}` })
    }
  }

  /** @returns what was amiss, with the title of the steady state before it */
  async #look({ title, probe }: SteadyState, phase: Phase, parent: AbortSignal): Promise<Error | undefined> {
    const { hypothesis } = this.#file.caller()
    const { hookMs } = this.#file.context.timeouts
    const look = async (signal: AbortSignal) => {
      const caller = { signal, ...(hypothesis === undefined ? {} : { hypothesis }) }
      await this.#file.as(caller, async () => await probe())
    }
    try {
      await this.#file.spans.probe(title, phase, () => within(hookMs, () => probeTimeout(title, hookMs), look, parent))
      return undefined
    } catch (error) {
      return named(title, phase, error)
    }
  }
}

/** How often a check is made that could not be told. */
const mostAsked = 3

/** Whether it says that the system is not as is normal; `null` when it says nothing about the system. */
function metBy(error: unknown): boolean | null {
  return missOf('method', error).verdict === 'deviated' ? false : null
}

/** @throws CHAOS_BAD_DURATION, CHAOS_BAD_OPTION (usage) */
function steadyStateOf(title: string, probe: Probe, { continuously, abort = false }: SteadyStateOptions): SteadyState {
  if (continuously === undefined) {
    if (!abort) return { title, probe, abort }
    throw usageError(
      'CHAOS_BAD_OPTION',
      `The steady state "${title}" has abort, and nothing that could: it is not watched while a method runs. Add continuously: '1s'.`,
    )
  }
  const everyMs = toMilliseconds(continuously)
  if (everyMs > 0) return { title, probe, everyMs, abort }
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

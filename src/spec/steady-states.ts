import type { Phase } from '../journal/events.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, errorView, messageOf } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import { type Miss, missOf } from './outcome.ts'
import type { SpecFile } from './spec-file.ts'

/** Looks at the system and asserts what is normal. */
export type Probe = () => unknown

interface SteadyState {
  title: string
  probe: Probe
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

  async establish(title: string, probe: Probe): Promise<void> {
    const state = { title, probe }
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

  /** From now on the last check tells nothing: something may have changed. */
  expire(): void {
    this.#fresh = false
  }

  async #check({ title, probe }: SteadyState, phase: Phase, parent: AbortSignal): Promise<Miss | undefined> {
    const { hypothesis } = this.#file.caller()
    const { hookMs } = this.#file.context.timeouts
    const startedAt = Date.now()
    const look = async (signal: AbortSignal) => {
      const caller = { signal, ...(hypothesis === undefined ? {} : { hypothesis }) }
      await this.#file.as(caller, async () => await probe())
    }
    try {
      await this.#file.spans.probe(title, phase, () => within(hookMs, () => probeTimeout(title, hookMs), look, parent))
      this.#file.record({ type: 'steady-state-checked', title, phase, met: true, startedAt })
      return undefined
    } catch (error) {
      const miss = missOf(phase, named(title, error))
      const met = missOf('method', error).verdict === 'deviated' ? false : null
      this.#file.record({ type: 'steady-state-checked', title, phase, met, startedAt, error: errorView(error) })
      return miss
    }
  }
}

/** The error of a probe, with the title of the steady state before it. */
function named(title: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  error.message = `"${title}": ${messageOf(error)}`
  return error
}

function probeTimeout(title: string, limitMs: number): ChaosError {
  return new ChaosError(
    'CHAOS_STEADY_STATE_TIMEOUT',
    `The steady state "${title}" gave no answer within ${formatMilliseconds(limitMs)}: its probe hangs, or needs a longer "timeouts.hook" in the config.`,
  )
}

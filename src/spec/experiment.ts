import { resolve } from 'node:path'
import type { EventBody, Phase } from '../journal/events.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, errorView, inconclusive, isChaosError, messageOf } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import type { RollbackReport } from '../undo/rollback.ts'
import { lineOf } from './line-of.ts'
import { gravest, isFailFast, type Miss, missOf, notRestoredError, reasonOf, weaknessGone } from './outcome.ts'
import type { SpecFile } from './spec-file.ts'
import { verdictAttributes } from './spec-spans.ts'

/** What the body of a hypothesis is given. */
export interface HypothesisContext {
  /** Aborts when the hypothesis must stop: its time is over, or the run was cancelled. */
  signal: AbortSignal
}

export type HypothesisBody = (context: HypothesisContext) => unknown

export interface HypothesisPlan {
  /** Unique in the run: Vitest's id of the test. */
  id: string
  title: string
  /** Where it stands in its spec file, from 1. */
  line?: number
  /** What the spec says will come of it. */
  expected: 'held' | 'deviated'
  timeoutMs: number
  body: HypothesisBody
}

/**
 * The life of one hypothesis: steady state → method → steady state → undo → steady state. The undo comes whatever
 * happened before it; any miss fails the hypothesis, and the gravest one names it.
 *
 * @throws the error of the gravest miss, for Vitest to show
 */
export async function experiment(file: SpecFile, plan: HypothesisPlan): Promise<void> {
  await new Experiment(file, plan).run()
}

class Experiment {
  readonly #file: SpecFile
  readonly #plan: HypothesisPlan
  readonly #misses: Miss[] = []
  /** A steady state, or users, ended the method at once: the target is put back before anything else is looked at. */
  #isCutShort = false

  constructor(file: SpecFile, plan: HypothesisPlan) {
    this.#file = file
    this.#plan = plan
  }

  async run(): Promise<void> {
    const { title, expected, line } = this.#plan
    const place = line === undefined ? {} : { line }
    await this.#as(this.#file.cancelled, () =>
      this.#file.spans.experiment(this.#plan, async (span) => {
        const { traceId, spanId } = span
        const { mode } = this.#file.context
        this.#file.record({ type: 'hypothesis-started', title, expected, mode, traceId, spanId, ...place })
        await this.#live()
        await this.#endAll()
        const miss = this.#conclude()
        span.setAttributes(verdictAttributes(miss, this.#misses))
        if (miss) throw miss.error
      }),
    )
  }

  async #live(): Promise<void> {
    if (this.#file.context.mode === 'steady-state') await this.#look()
    else await this.#play()
  }

  /** Only whether what is normal is there. */
  async #look(): Promise<void> {
    const { steadyStates, cancelled } = this.#file
    await this.#phase('before', async () => {
      if (steadyStates.isEmpty) throw noSteadyState()
      return await steadyStates.verifyUnlessFresh('before', cancelled)
    })
  }

  async #play(): Promise<void> {
    const { steadyStates, cancelled } = this.#file
    await this.#phase('before', async () => {
      const [reason] = this.#file.guards.reasons
      return reason ? missOf('before', reason) : await steadyStates.verifyUnlessFresh('before', cancelled)
    })
    if (this.#misses.length === 0) {
      steadyStates.expire()
      await this.#phase('method', () => (this.#isDry ? this.#rehearsal() : this.#watchedMethod()))
      if (!cancelled.aborted && !this.#isCutShort)
        await this.#phase('after', () => steadyStates.verify('after', cancelled))
    }
    let report: RollbackReport | undefined
    await this.#phase('rollback', async () => {
      report = await this.#file.rollBack(this.#plan.id)
      return notRestored(report)
    })
    if (report?.undone.length && !cancelled.aborted) {
      await this.#phase('restored', () => steadyStates.verify('restored', cancelled))
    }
  }

  /** The method, watched: what the steady states that are looked at meanwhile miss counts beside what it throws. */
  async #watchedMethod(): Promise<Miss | undefined> {
    const { steadyStates, cancelled } = this.#file
    const watch = steadyStates.watch(cancelled)
    try {
      await this.#method(AbortSignal.any([cancelled, watch.aborted]))
    } catch (error) {
      const miss = await watch.end()
      this.#isCutShort = watch.aborted.aborted || isFailFast(error)
      if (miss && miss.error !== error) this.#misses.push(miss)
      throw error
    }
    return await watch.end()
  }

  async #method(parent: AbortSignal): Promise<undefined> {
    const { timeoutMs, body } = this.#plan
    const run = async (signal: AbortSignal) => {
      await this.#as(signal, async () => await body({ signal }))
    }
    const signal = AbortSignal.any([parent, this.#file.guards.begin()])
    await within(timeoutMs, () => methodTimeout(timeoutMs), run, signal)
    return undefined
  }

  /** What goes on beside the hypothesis ends with it: what went wrong there counts as if the method had thrown it. */
  async #endAll(): Promise<void> {
    for (const error of await this.#file.endAll(this.#plan.id)) {
      if (!this.#misses.some((miss) => miss.error === error)) this.#misses.push(missOf('method', error))
    }
  }

  get #isDry(): boolean {
    return this.#file.context.mode === 'dry-run'
  }

  /** Nothing was done, so what an assertion says of it tells nothing: it only ends the rehearsal. */
  async #rehearsal(): Promise<undefined> {
    try {
      await this.#method(this.#file.cancelled)
    } catch (error) {
      const { verdict } = missOf('method', error)
      if (verdict !== 'deviated' && verdict !== 'inconclusive') throw error
      const message = `The dry run of "${this.#plan.title}" ended at an assertion, which tells nothing where nothing was done; what comes after it is not shown: ${messageOf(error)}`
      this.#file.record({ type: 'notice', message })
    }
    return undefined
  }

  /** One phase, with its events and its span. A miss, returned or thrown, is kept; the next phase is the caller's choice. */
  async #phase(phase: Phase, work: () => Promise<Miss | undefined>): Promise<void> {
    const miss = await this.#file.spans.phase(phase, async (span) => {
      this.#record(phase, { type: 'phase-started', phase, spanId: span.spanId })
      const found = await work().catch((error: unknown) => missOf(phase, error))
      if (found) span.fail(found.error)
      return found
    })
    if (miss) this.#misses.push(miss)
    this.#record(phase, { type: 'phase-ended', phase, ...(miss ? { error: errorView(miss.error) } : {}) })
  }

  /** What cannot be written down fails the hypothesis, and must not keep the target from being put back. */
  #record(phase: Phase, event: EventBody): void {
    try {
      this.#file.record(event)
    } catch (error) {
      this.#misses.push({ phase, verdict: 'failed', error })
    }
  }

  /** Records the verdict. @returns the miss that fails the hypothesis, if any. */
  #conclude(): Miss | undefined {
    const isPlayed = this.#file.context.mode === 'experiment'
    const expectsDeviation = isPlayed && this.#plan.expected === 'deviated'
    let miss = gravest(this.#misses)
    const deviated = this.#misses.some(({ verdict }) => verdict === 'deviated')
    if (!miss && expectsDeviation) miss = missOf('method', weaknessGone())
    const { root, file } = this.#file.context
    const line = lineOf(resolve(root, file), miss?.error)
    this.#file.record({
      type: 'hypothesis-ended',
      verdict: miss?.verdict ?? 'held',
      deviated,
      ...(miss ? { reason: reasonOf(miss) } : {}),
      ...(miss && isChaosError(miss.error) ? { code: miss.error.code } : {}),
      ...(line === undefined ? {} : { line }),
    })
    const asDocumented = expectsDeviation && deviated && miss?.verdict === 'deviated'
    return asDocumented ? undefined : miss
  }

  async #as<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return await this.#file.as({ hypothesis: this.#plan.id, signal }, work)
  }
}

/** What is still owed after a rollback, as the miss that it is. */
function notRestored({ failed }: RollbackReport): Miss | undefined {
  if (failed.length === 0) return undefined
  return missOf('rollback', notRestoredError(failed))
}

function noSteadyState(): ChaosError {
  return inconclusive(
    'CHAOS_NO_STEADY_STATE',
    'Its file declares no steady state, so nothing was looked at. Declare what is normal with steadyState() in beforeAll.',
  )
}

function methodTimeout(limitMs: number): ChaosError {
  return new ChaosError(
    'CHAOS_HYPOTHESIS_TIMEOUT',
    `The hypothesis did not end within ${formatMilliseconds(limitMs)}. Give it more with hypothesis(title, { timeout: '10m' }, …) or "timeouts.hypothesis" in the config.`,
  )
}

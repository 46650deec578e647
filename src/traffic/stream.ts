import type { Session } from '../session/session.ts'
import type { Rate } from '../support/quantities.ts'
import { Load, type LoadPlan, type LoadResult } from './engine.ts'
import { Observation } from './observation.ts'

/** One stream of users within a running spec: it writes what happens to the log, and ends when the spec must stop. */
export class Stream {
  readonly #session: Session
  readonly #signal: AbortSignal
  readonly #plan: LoadPlan
  readonly #rate: Rate
  readonly #load: Load
  readonly #recorded: Promise<LoadResult>

  /** Starts at once. */
  constructor(session: Session, signal: AbortSignal, plan: LoadPlan, rate: Rate) {
    const { name, url, perSecond } = plan
    this.#session = session
    this.#signal = signal
    this.#plan = plan
    this.#rate = rate
    session.record({ type: 'traffic-started', traffic: name, url: url.href, perSecond })
    this.#load = new Load(plan, {
      tracer: session.tracer,
      onSecond: ({ outcomes, latencyMs }) =>
        session.record({ type: 'traffic-progress', traffic: name, outcomes: { ...outcomes }, latencyMs }),
    })
    const abort = () => void this.#load.abort()
    signal.addEventListener('abort', abort, { once: true })
    this.#recorded = this.#load.finished.then((result) => {
      signal.removeEventListener('abort', abort)
      this.#record(result)
      return result
    })
  }

  get elapsedMs(): number {
    return this.#load.elapsedMs
  }

  /**
   * Ends the stream at that time since its start (at the earliest: now), and resolves when the last answer has come.
   * Rejects with the signal's reason when it aborted; what was counted is in the log by then.
   */
  async endAt<Result>(elapsedMs: number, result: Result): Promise<Observation<Result>> {
    void this.#load.endAt(elapsedMs)
    const observed = await this.#recorded
    this.#signal.throwIfAborted()
    return new Observation({ name: this.#plan.name, url: this.#plan.url.href, rate: this.#rate }, observed, result)
  }

  /** What the work comes to, or a rejection with the signal's reason as soon as it aborts. */
  async unlessAborted<Result>(work: () => Promise<Result>): Promise<Result> {
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(this.#signal.reason)
    this.#signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([work(), aborted.promise])
    } finally {
      this.#signal.removeEventListener('abort', abort)
    }
  }

  #record({ startedAt, summary, firstErrors, slowest }: LoadResult): void {
    const exemplars = [...firstErrors, ...slowest].sort((a, b) => a.plannedAt - b.plannedAt)
    this.#session.record({ type: 'traffic-ended', traffic: this.#plan.name, startedAt, summary, exemplars })
  }
}

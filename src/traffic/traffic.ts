import { currentSession } from '../session/session.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, usageError } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'
import type { Observation } from './observation.ts'
import { type TrafficOptions, type TrafficSettings, trafficSettings } from './options.ts'
import type { RunningTraffic, TrafficSpan } from './running-traffic.ts'

export interface DuringOptions {
  /** The users call at least that long, however soon the method is done. @default 0 */
  atLeast?: Duration
  /** The method fails that takes longer; so the end is known, which `failFast: { successRate }` needs. */
  atMost?: Duration
  /** The users go on calling that long after the method, to see what it leaves behind. @default 0 */
  settle?: Duration
}

export interface StopOptions {
  /** The users go on calling that long before they stop. @default 0 */
  settle?: Duration
}

export interface MethodContext {
  /** Aborts when the method must stop: the hypothesis ends, or the users have given up. */
  signal: AbortSignal
}

/**
 * Users who call the system. A description: nothing is sent before `for`, `during` or `start`, and each of them is a
 * traffic of its own.
 */
export interface Traffic {
  readonly name: string

  /**
   * Sends what is planned in that time, and resolves when all of it has ended.
   *
   * @throws CHAOS_FAIL_FAST (deviated) when the users gave up
   * @example
   * expect(await users.for('2s')).toHaveNoErrors()
   */
  for(duration: Duration): Promise<Observation>

  /**
   * Lets the users call from before the method until after it. When the method throws, the traffic ends too, and this
   * rejects with what was thrown.
   *
   * @throws CHAOS_FAIL_FAST (deviated) when the users gave up: the method's actions are refused from then on
   * @throws CHAOS_METHOD_TOO_LONG when it takes longer than `atMost`
   * @example
   * const observed = await users.during(() => service.rolledOut({ within: '60s' }), { atLeast: '20s' })
   */
  during<Result>(
    method: (context: MethodContext) => Promise<Result>,
    options?: DuringOptions,
  ): Promise<Observation<Result>>

  /**
   * Lets the users call until `stop`: through the steady-state check and the rollback as well, if it is called in a
   * hook. What nobody stops ends with the hypothesis, or with the file, that has started it.
   *
   * Users who give up end the method that runs; until they are stopped, no other one begins.
   *
   * @throws CHAOS_TRAFFIC_STARTED (usage) when they call already
   * @example
   * beforeAll(() => users.start())
   * afterAll(async () => {
   *   await rollback()
   *   expect(await users.stop()).toHaveErrorRateBelow('1%')
   * })
   */
  start(): Promise<void>

  /**
   * Ends what `start` began, and resolves when the last answer has come.
   *
   * @throws CHAOS_TRAFFIC_NOT_STARTED (usage)
   * @throws CHAOS_FAIL_FAST (deviated) when the users gave up
   */
  stop(options?: StopOptions): Promise<Observation>
}

/**
 * Describes users who call the system: in an open loop so many requests arrive per second, whatever comes back; in a
 * closed one so many users each wait for their answer.
 *
 * When the hypothesis is cancelled, sending stops, the requests in flight are aborted, and `for` and `during` reject
 * with the reason.
 *
 * @throws CHAOS_BAD_RATE, CHAOS_BAD_DURATION, CHAOS_BAD_RATIO, CHAOS_BAD_URL, CHAOS_BAD_HEADER, CHAOS_BAD_OPTION (usage)
 * @example
 * const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })
 */
export function traffic(options: TrafficOptions): Traffic {
  return new Users(trafficSettings(options))
}

interface StartedTraffic {
  running: RunningTraffic
  /** Lets methods begin whatever became of it. */
  lift(): void
}

class Users implements Traffic {
  readonly #settings: TrafficSettings
  #started: Promise<StartedTraffic> | undefined

  constructor(settings: TrafficSettings) {
    this.#settings = settings
  }

  get name(): string {
    return this.#settings.name
  }

  async for(duration: Duration): Promise<Observation> {
    const durationMs = toMilliseconds(duration)
    const running = await this.#run({ endMs: durationMs, atLeastMs: durationMs })
    return await running.ended(undefined)
  }

  async during<Result>(
    method: (context: MethodContext) => Promise<Result>,
    options: DuringOptions = {},
  ): Promise<Observation<Result>> {
    const atLeastMs = toMilliseconds(options.atLeast ?? 0)
    const atMostMs = options.atMost === undefined ? undefined : toMilliseconds(options.atMost)
    const settleMs = toMilliseconds(options.settle ?? 0)
    const running = await this.#run(atLeastMs > 0 ? { atLeastMs } : {})
    if (atMostMs !== undefined) running.expectEndAt(Math.max(atLeastMs, atMostMs + settleMs))
    let result: Result
    try {
      result = await running.unlessAborted((signal) => inTime(atMostMs, signal, method))
    } catch (error) {
      await running.endAt(0, undefined)
      throw error
    }
    return await running.endAt(Math.max(atLeastMs, running.elapsedMs + settleMs), result, Date.now())
  }

  async start(): Promise<void> {
    if (this.#started) {
      throw usageError('CHAOS_TRAFFIC_STARTED', `${this.name} call already. Stop them first, or describe others.`)
    }
    const session = currentSession()
    const starting = this.#run().then((running) => ({ running, lift: session.guardMethods(running.givenUp) }))
    this.#started = starting
    session.atEnd(async () => {
      if (this.#started === starting) await this.stop()
    })
    await starting.catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
  }

  async stop({ settle = 0 }: StopOptions = {}): Promise<Observation> {
    const settleMs = toMilliseconds(settle)
    const starting = this.#started
    if (!starting)
      throw usageError('CHAOS_TRAFFIC_NOT_STARTED', `${this.name} were not started, so nothing can be stopped.`)
    this.#started = undefined
    const { running, lift } = await starting
    lift()
    return await running.endAt(running.elapsedMs + settleMs, undefined)
  }

  async #run(span: TrafficSpan = {}): Promise<RunningTraffic> {
    // Loaded when users call: many processes import this module, and few need what sends requests.
    const { RunningTraffic } = await import('./running-traffic.ts')
    return await RunningTraffic.start(this.#settings, currentSession(), span)
  }
}

async function inTime<Result>(
  limitMs: number | undefined,
  signal: AbortSignal,
  method: (context: MethodContext) => Promise<Result>,
): Promise<Result> {
  if (limitMs === undefined) return await method({ signal })
  return await within(
    limitMs,
    () => methodTooLong(limitMs),
    (signal) => method({ signal }),
    signal,
  )
}

function methodTooLong(limitMs: number): ChaosError {
  return new ChaosError(
    'CHAOS_METHOD_TOO_LONG',
    `The method took longer than ${formatMilliseconds(limitMs)}, which is the atMost of during(). Give it more, or find out what holds it up.`,
  )
}

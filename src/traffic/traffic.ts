import { currentSession } from '../session/session.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'
import type { Observation } from './observation.ts'
import { type LoadSettings, loadSettings, type TrafficOptions } from './options.ts'
import { Stream } from './stream.ts'
import { parseHttpUrl } from './url.ts'

export interface DuringOptions {
  /** The users call at least that long, however soon the method is done. @default 0 */
  atLeast?: Duration
  /** The users go on calling that long after the method, to see what it leaves behind. @default 0 */
  settle?: Duration
}

/**
 * Users who call the system at a constant rate. A description: nothing is sent before `for` or `during`, and each of
 * them is a stream of its own.
 */
export interface Traffic {
  readonly name: string

  /**
   * Sends what the rate plans in that time, and resolves when all of it has ended.
   *
   * @example
   * expect(await users.for('2s')).toHaveNoErrors()
   */
  for(duration: Duration): Promise<Observation>

  /**
   * Lets the users call from before the method until after it. When the method throws, the traffic ends too, and this
   * rejects with what was thrown.
   *
   * @example
   * const observed = await users.during(() => service.rolledOut({ within: '60s' }), { atLeast: '20s' })
   */
  during<Result>(method: () => Promise<Result>, options?: DuringOptions): Promise<Observation<Result>>
}

/**
 * Describes users who call the system in an open loop: so many requests arrive per second, whatever comes back.
 *
 * When the hypothesis is cancelled, sending stops, the requests in flight are aborted, and `for` and `during` reject
 * with the reason.
 *
 * @throws CHAOS_BAD_RATE, CHAOS_BAD_DURATION, CHAOS_BAD_URL, CHAOS_BAD_HEADER, CHAOS_BAD_OPTION (usage)
 * @example
 * const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })
 */
export function traffic(options: TrafficOptions): Traffic {
  return new UsersOfUrl(options)
}

class UsersOfUrl implements Traffic {
  readonly #options: TrafficOptions
  readonly #settings: LoadSettings

  constructor(options: TrafficOptions) {
    this.#options = options
    this.#settings = loadSettings(options)
  }

  get name(): string {
    return this.#settings.name
  }

  async for(duration: Duration): Promise<Observation> {
    const durationMs = toMilliseconds(duration)
    const stream = await this.#start()
    return stream.endAt(durationMs, undefined)
  }

  async during<Result>(method: () => Promise<Result>, options: DuringOptions = {}): Promise<Observation<Result>> {
    const atLeastMs = toMilliseconds(options.atLeast ?? 0)
    const settleMs = toMilliseconds(options.settle ?? 0)
    const stream = await this.#start()
    let result: Result
    try {
      result = await stream.unlessAborted(method)
    } catch (error) {
      await stream.endAt(0, undefined)
      throw error
    }
    return stream.endAt(Math.max(atLeastMs, stream.elapsedMs + settleMs), result)
  }

  async #start(): Promise<Stream> {
    const session = currentSession()
    const signal = session.signal()
    signal.throwIfAborted()
    const { url, rate } = this.#options
    const address = parseHttpUrl(typeof url === 'string' ? url : await url.resolve())
    signal.throwIfAborted()
    return new Stream(session, signal, { ...this.#settings, url: address }, rate)
  }
}

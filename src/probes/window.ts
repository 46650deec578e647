import { currentSession } from '../session/session.ts'
import { type Clock, systemClock } from '../support/clock.ts'
import { deviation, isChaosError, isRefusal, messageOf } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'

/** Looks at something: throws, or returns `false`, where it is not as it should be. */
export type Look<T> = () => T | Promise<T>

export interface EventuallyOptions {
  /** How long it may take. */
  within: Duration
  /** From the end of one look to the next. @default '250ms' */
  every?: Duration
}

export interface AlwaysOptions {
  /** How long it must stay so. */
  for: Duration
  /** From the end of one look to the next. @default '250ms' */
  every?: Duration
}

const defaultEvery = '250ms'

/**
 * Looks again and again until it is as it should be. The last look is made at the end of the time.
 *
 * @returns what the look returned
 * @throws what the last look threw, with the time and the number of looks; CHAOS_NOT_MET (deviated) when it returned
 *   `false`. What no later look can mend (usage, a missing permission) is thrown at once.
 *
 * @example
 * const pods = await eventually(async () => {
 *   const statuses = await web.pods().statuses()
 *   expect(statuses.every(({ ready }) => ready)).toBe(true)
 *   return statuses
 * }, { within: '30s' })
 */
export async function eventually<T>(look: Look<T>, options: EventuallyOptions): Promise<T> {
  return await eventuallyBy(systemClock, currentSession().signal(), look, options)
}

/**
 * Looks again and again, and must find it as it should be each time, until the time is over.
 *
 * @returns what the last look returned
 * @throws what the first look threw that found it otherwise, with the time; CHAOS_NOT_MET (deviated) for `false`
 *
 * @example
 * await always(async () => expect(await web.availability()).toBe('full'), { for: '10s' })
 */
export async function always<T>(look: Look<T>, options: AlwaysOptions): Promise<T> {
  return await alwaysBy(systemClock, currentSession().signal(), look, options)
}

/** {@link eventually} by a clock. */
export async function eventuallyBy<T>(
  clock: Clock,
  signal: AbortSignal,
  look: Look<T>,
  { within, every = defaultEvery }: EventuallyOptions,
): Promise<T> {
  const withinMs = toMilliseconds(within)
  const everyMs = toMilliseconds(every)
  const startedAt = clock.now()
  for (let looks = 1; ; looks++) {
    signal.throwIfAborted()
    const remainingMs = startedAt + withinMs - clock.now()
    try {
      return met(await look())
    } catch (error) {
      signal.throwIfAborted()
      if (isForGood(error)) throw error
      if (remainingMs <= 0) {
        const times = looks === 1 ? 'one look' : `${looks} looks`
        throw said(`Not so within ${formatMilliseconds(withinMs)} (${times})`, error)
      }
    }
    await clock.sleep(Math.min(everyMs, Math.max(0, remainingMs)), signal)
  }
}

/** {@link always} by a clock. */
export async function alwaysBy<T>(
  clock: Clock,
  signal: AbortSignal,
  look: Look<T>,
  { for: duration, every = defaultEvery }: AlwaysOptions,
): Promise<T> {
  const durationMs = toMilliseconds(duration)
  const everyMs = toMilliseconds(every)
  const startedAt = clock.now()
  for (;;) {
    signal.throwIfAborted()
    const passedMs = clock.now() - startedAt
    let value: T
    try {
      value = met(await look())
    } catch (error) {
      signal.throwIfAborted()
      if (isForGood(error)) throw error
      throw said(`So for ${formatMilliseconds(passedMs)} of ${formatMilliseconds(durationMs)}, and then not`, error)
    }
    if (passedMs >= durationMs) return value
    await clock.sleep(Math.min(everyMs, Math.max(0, durationMs - passedMs)), signal)
  }
}

function met<T>(value: T): T {
  if (value === false) throw deviation('CHAOS_NOT_MET', 'it was false.')
  return value
}

function isForGood(error: unknown): boolean {
  return isRefusal(error) || (isChaosError(error) && error.verdict === 'usage')
}

/** The same error, with how it came to it before its message: an assertion stays one. */
function said(how: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  error.message = `${how}: ${messageOf(error)}`
  return error
}

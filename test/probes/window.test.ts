import { describe, expect, test } from 'vitest'
import { alwaysBy, eventuallyBy } from '../../src/probes/index.ts'
import type { Clock } from '../../src/support/clock.ts'
import { deviation, usageError } from '../../src/support/errors.ts'

/** A clock on which a sleep is over at once, and took its time. */
function fastClock(): Clock {
  let now = 1000
  return {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      now += milliseconds
    },
  }
}

const { signal } = new AbortController()

/** Gives each value once, and the last one from then on; errors are thrown. */
function script<T>(...values: Array<T | Error>): { look: () => T; looks: () => number } {
  let looks = 0
  return {
    looks: () => looks,
    look: () => {
      const value = values[Math.min(looks++, values.length - 1)]
      if (value instanceof Error) throw value
      return value as T
    },
  }
}

describe('eventually', () => {
  test('is over with the first look that finds it so, and gives what that found', async () => {
    const { look, looks } = script<unknown>(new Error('not yet'), false, { pods: 3 })
    expect(await eventuallyBy(fastClock(), signal, look, { within: '1s' })).toEqual({ pods: 3 })
    expect(looks()).toBe(3)
  })

  test('looks a last time at the end, and throws what that threw', async () => {
    const assertion = Object.assign(new Error('expected 1 to be 2'), { name: 'AssertionError' })
    const { look, looks } = script(assertion)
    const failure = eventuallyBy(fastClock(), signal, look, { within: '1s', every: '300ms' })
    await expect(failure).rejects.toBe(assertion)
    expect(assertion.message).toBe('Not so within 1 s (5 looks): expected 1 to be 2')
    expect(looks()).toBe(5)
  })

  test('is a deviation when the look says false to the end', async () => {
    await expect(eventuallyBy(fastClock(), signal, () => false, { within: '0s' })).rejects.toMatchObject({
      code: 'CHAOS_NOT_MET',
      verdict: 'deviated',
      message: 'Not so within 0 ms (one look): it was false.',
    })
  })

  test('is over at once where no later look can mend it, and when the hypothesis ends', async () => {
    const mistake = script(usageError('CHAOS_BAD_NAME', 'no name'))
    await expect(eventuallyBy(fastClock(), signal, mistake.look, { within: '1s' })).rejects.toThrow('no name')
    expect(mistake.looks()).toBe(1)

    const controller = new AbortController()
    const reason = new Error('over')
    const look = () => {
      controller.abort(reason)
      throw new Error('not yet')
    }
    await expect(eventuallyBy(fastClock(), controller.signal, look, { within: '1s' })).rejects.toBe(reason)
  })
})

describe('always', () => {
  test('looks until the time is over, and gives what the last look found', async () => {
    const { look, looks } = script(1, 2, 3)
    expect(await alwaysBy(fastClock(), signal, look, { for: '1s', every: '500ms' })).toBe(3)
    expect(looks()).toBe(3)
  })

  test('ends with the first look that finds it otherwise', async () => {
    const { look, looks } = script(true, deviation('CHAOS_GONE', 'a pod is gone'), true)
    await expect(alwaysBy(fastClock(), signal, look, { for: '1s' })).rejects.toMatchObject({
      code: 'CHAOS_GONE',
      message: 'So for 250 ms of 1 s, and then not: a pod is gone',
    })
    expect(looks()).toBe(2)
  })
})

import { expect, test } from 'vitest'
import type { Miss } from '../../src/spec/outcome.ts'
import { Watch, type Watched } from '../../src/spec/watch.ts'

/** A clock whose waits are over at once; `onWait` is told how long each would have been. */
function clockOf(onWait: (milliseconds: number) => void = () => {}) {
  let now = 0
  return {
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    now: () => now,
    sleep: async (milliseconds: number) => {
      onWait(milliseconds)
      now += milliseconds
      // Lets the test have its turn.
      await new Promise(setImmediate)
    },
  }
}

const missOf = (verdict: Miss['verdict']): Miss => ({ phase: 'method', verdict, error: new Error(verdict) })
const never = new AbortController().signal

function watched(looks: (Miss | undefined)[], options: Partial<Watched> = {}) {
  const looked = Promise.withResolvers<void>()
  const state: Watched = {
    everyMs: 1000,
    abort: false,
    check: async () => {
      const miss = looks.shift()
      if (looks.length === 0) looked.resolve()
      return miss
    },
    ...options,
  }
  return { state, looked: looked.promise }
}

test('looks at once, and then in equal periods, however long a look takes', async () => {
  const waits: number[] = []
  const clock = clockOf((milliseconds) => waits.push(milliseconds))
  const took = [0, 300, 1500, 200]
  const enough = Promise.withResolvers<void>()
  const check = async () => {
    clock.pass(took.shift() ?? 0)
    if (took.length === 0) enough.resolve()
    return undefined
  }
  const watch = new Watch([{ everyMs: 1000, abort: false, check }], never, clock)
  await enough.promise
  expect(await watch.end()).toBeUndefined()
  expect(waits.slice(0, 4)).toEqual([1000, 700, 0, 800])
})

test('a miss counts although what is normal came back, and of several the gravest', async () => {
  const { state, looked } = watched([undefined, missOf('inconclusive'), missOf('deviated'), undefined])
  const watch = new Watch([state], never, clockOf())
  await looked
  expect(await watch.end()).toMatchObject({ verdict: 'deviated' })
  expect(watch.aborted.aborted).toBe(false)
})

test('a miss of one that aborts ends the looking of all, and what was cut is no miss', async () => {
  const { state } = watched([undefined, missOf('deviated')], { abort: true })
  const cut: Watched = {
    everyMs: 1000,
    abort: false,
    check: (signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(missOf('failed')), { once: true })),
  }
  const watch = new Watch([cut, state], never, clockOf())
  await new Promise((resolve) => watch.aborted.addEventListener('abort', resolve, { once: true }))
  expect(watch.aborted.reason).toMatchObject({ message: 'deviated' })
  expect(await watch.end()).toMatchObject({ verdict: 'deviated' })
})

test('a look that has begun when the method ends still counts', async () => {
  const answer = Promise.withResolvers<Miss>()
  const watch = new Watch([{ everyMs: 1000, abort: false, check: () => answer.promise }], never, clockOf())
  const ended = watch.end()
  answer.resolve(missOf('deviated'))
  expect(await ended).toMatchObject({ verdict: 'deviated' })
})

test('nothing to watch is nothing missed', async () => {
  expect(await new Watch([], never, clockOf()).end()).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import { WorkQueue } from '../../../src/lab/client/workqueue.ts'
import { ManualClock } from './manual-clock.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the work queue', () => {
  test('never syncs a key twice at the same time, and syncs it once more when it was added meanwhile', async () => {
    const gates: (() => void)[] = []
    let running = 0
    let most = 0
    const queue = new WorkQueue(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => gates.push(resolve))
      running -= 1
    })
    queue.add('a')
    await settled()
    queue.add('a')
    queue.add('a')
    await settled()
    expect(gates).toHaveLength(1)
    gates[0]?.()
    await settled()
    expect(gates).toHaveLength(2)
    gates[1]?.()
    await queue.stop()
    expect(most).toBe(1)
    expect(gates).toHaveLength(2)
  })

  test('syncs different keys side by side', async () => {
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    const queue = new WorkQueue(async (key) => {
      begun.push(key)
      await gate.promise
    })
    queue.add('a')
    queue.add('b')
    await settled()
    expect(begun).toEqual(['a', 'b'])
    gate.resolve()
    await queue.stop()
  })

  test('repeats a sync that failed after 5, 10, 20 ms …, and starts from 5 ms again after a success', async () => {
    const clock = new ManualClock()
    const start = clock.now()
    const attempts: number[] = []
    const errors: unknown[] = []
    const queue = new WorkQueue(
      async () => {
        attempts.push(clock.now() - start)
        if (attempts.length !== 4) throw new Error('not yet')
      },
      { clock, onError: (_, error) => errors.push(error) },
    )
    queue.add('a')
    await settled()
    for (const step of [5, 10, 20]) await clock.advance(step)
    expect(attempts).toEqual([0, 5, 15, 35])
    expect(errors).toHaveLength(3)
    queue.add('a')
    await settled()
    await clock.advance(5)
    expect(attempts).toEqual([0, 5, 15, 35, 35, 40])
    await queue.stop()
  })

  test('of several waits of one key the shortest counts', async () => {
    const clock = new ManualClock()
    let syncs = 0
    const queue = new WorkQueue(
      async () => {
        syncs += 1
      },
      { clock },
    )
    queue.after('a', 1000)
    queue.after('a', 100)
    queue.after('a', 500)
    await clock.advance(100)
    expect(syncs).toBe(1)
    await clock.advance(1000)
    expect(syncs).toBe(1)
    await queue.stop()
  })

  test('syncs nothing after it was stopped', async () => {
    const clock = new ManualClock()
    let syncs = 0
    const queue = new WorkQueue(
      async () => {
        syncs += 1
      },
      { clock },
    )
    queue.after('a', 10)
    await queue.stop()
    queue.add('a')
    await clock.advance(10)
    expect(syncs).toBe(0)
  })
})

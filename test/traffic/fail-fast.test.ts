import { beforeEach, describe, expect, test } from 'vitest'
import { currentSession } from '../../src/session/session.ts'
import { FailFast } from '../../src/traffic/fail-fast.ts'
import { type FailFastOptions, failFastPlan } from '../../src/traffic/fail-fast-options.ts'
import { traffic } from '../../src/traffic/index.ts'
import { FaultServer } from './fault-server.ts'
import { freePort } from './loopback.ts'
import { patient } from './plans.ts'
import { SpecSession } from './spec-session.ts'

let session: SpecSession

beforeEach(() => {
  session = SpecSession.open()
})

describe('the error rate in a window', () => {
  const watch = (options: FailFastOptions) => new FailFast(failFastPlan(options))

  test('is more than the limit', () => {
    const failFast = watch({ errorRate: '5%', window: '5s' })
    for (let n = 0; n < 38; n += 1) expect(failFast.ended(true, n * 10)).toBeUndefined()

    expect(failFast.ended(false, 400)).toBeUndefined()
    expect(failFast.ended(false, 410)).toBeUndefined() // 2 of 40 are 5 %, and not more
    expect(failFast.ended(false, 420)).toBe(
      '3 of the 41 requests that ended in the last 5 s failed (7.32 %), and no more than 5 % may',
    )
  })

  test('needs requests enough', () => {
    const failFast = watch({ errorRate: '5%' })
    for (let n = 0; n < 19; n += 1) expect(failFast.ended(false, n)).toBeUndefined()
    expect(failFast.ended(false, 20)).toContain('20 of the 20')

    expect(watch({ errorRate: '5%', minRequests: 1 }).ended(false, 0)).toContain('1 of the 1')
    expect(watch({ errorRate: 0 }).ended(false, 0)).toContain('1 of the 1')
  })

  test('forgets what is older than the window', () => {
    const failFast = watch({ errorRate: '50%', window: '1s', minRequests: 4 })
    failFast.ended(false, 0)
    failFast.ended(false, 10)
    failFast.ended(true, 500)
    failFast.ended(true, 600)

    expect(failFast.ended(true, 1100)).toBeUndefined()
    expect(failFast.ended(false, 1110)).toBeUndefined() // of the last second: 3 well, 1 failed
    expect(failFast.ended(false, 60_000)).toBeUndefined() // and of this one: 1
  })
})

describe('the success rate', () => {
  const watch = (planned: number) => {
    const failFast = new FailFast(failFastPlan({ successRate: '99%' }))
    failFast.expect(planned)
    return failFast
  }

  test('is out of reach as soon as one failure too many has come', () => {
    const failFast = watch(200)
    expect(failFast.ended(false, 1)).toBeUndefined()
    expect(failFast.ended(false, 2)).toBeUndefined()
    expect(failFast.ended(false, 3)).toContain('3 of 200 requests have failed, so that a success rate of 99 %')
  })

  test('is one of those that are sent', () => {
    const failFast = watch(200)
    for (let n = 0; n < 100; n += 1) failFast.dropped()
    expect(failFast.ended(false, 1)).toBeUndefined()
    expect(failFast.ended(false, 2)).toContain('2 of 100')
  })

  test('says nothing while the end is not known', () => {
    expect(new FailFast(failFastPlan({ successRate: 1 })).ended(false, 1)).toBeUndefined()
  })
})

describe('users who give up', () => {
  const refused = async () => `http://127.0.0.1:${await freePort()}/`

  test('stop at once, as a deviation that says why', async () => {
    const users = traffic({ url: await refused(), rate: '200/s', name: 'shoppers', failFast: { errorRate: '5%' } })

    await expect(users.for('1h')).rejects.toMatchObject({
      code: 'CHAOS_FAIL_FAST',
      verdict: 'deviated',
      message: expect.stringMatching(/^shoppers were stopped.*20 of the 20 requests.*no more than 5 % may/),
    })
    const { planned, completed, failed, dropped } = session.ended.summary
    expect(failed).toBeGreaterThanOrEqual(20)
    expect(completed + failed + dropped).toBe(planned)
  })

  test('stop the method and all that it calls', async () => {
    const users = traffic({ url: await refused(), rate: '200/s', failFast: { errorRate: '5%' } })
    const seen: AbortSignal[] = []

    const observed = users.during(({ signal }) => {
      seen.push(signal, currentSession().signal())
      return new Promise(() => {})
    })

    await expect(observed).rejects.toMatchObject({ code: 'CHAOS_FAIL_FAST' })
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(session.signal.aborted).toBe(false)
  })

  test('know how many requests there will be', async () => {
    await using server = await FaultServer.start(['ok', 'ok', 'ok', 'server error'])
    const users = traffic({ ...patient, url: server.url.href, rate: '100/s', failFast: { successRate: '90%' } })

    // Fewer than 100 where a busy machine could not send all in time.
    const message = expect.stringMatching(/\d+ of \d+ requests have failed, so that a success rate of 90 % cannot be/)
    await expect(users.for('1s')).rejects.toMatchObject({ message })
    await expect(users.during(() => new Promise(() => {}), { atMost: '800ms', settle: '200ms' })).rejects.toMatchObject(
      { message },
    )
  })

  test('do not, when all is well', async () => {
    await using server = await FaultServer.start()
    const failFast = { errorRate: '1%', successRate: '99%' } as const

    const { counts } = await traffic({ ...patient, url: server.url.href, rate: '100/s', failFast }).for('200ms')

    expect(counts).toMatchObject({ planned: 20, completed: 20 })
  })

  test.each<[string, FailFastOptions]>([
    ['CHAOS_BAD_OPTION', {}],
    ['CHAOS_BAD_RATIO', { errorRate: '500%' }],
    ['CHAOS_BAD_OPTION', { errorRate: '5%', window: 0 }],
  ])('%s: %o', (code, failFast) => {
    expect(() => traffic({ url: 'http://127.0.0.1:1/', rate: '1/s', failFast })).toThrow(
      expect.objectContaining({ code, verdict: 'usage' }),
    )
  })
})

import { describe, expect, test } from 'vitest'
import { ClosedLoop } from '../../src/traffic/closed-loop.ts'
import { FaultServer, patience } from './fault-server.ts'
import { freePort } from './loopback.ts'
import { ManualTime } from './manual-time.ts'
import { closedPlanFor, imbalanceOf, RequestTracer, startLoad } from './plans.ts'

function usersWho(users: number, thinkMs: number) {
  const time = new ManualTime()
  const start = time.now()
  const seen = { sent: [] as number[], finished: 0 }
  const loop = new ClosedLoop({
    users,
    thinkMs,
    time,
    send: () => seen.sent.push(time.now() - start),
    drop: () => {},
    finished: () => {
      seen.finished += 1
    },
  })
  loop.start()
  return { time, loop, seen }
}

describe('users in a closed loop', () => {
  test('begin evenly over their first time of thinking', () => {
    const { time, seen } = usersWho(4, 1000)

    time.pass(5000)

    expect(seen.sent).toEqual([0, 250, 500, 750])
  })

  test('all begin at once where nobody thinks', () => {
    expect(usersWho(3, 0).seen.sent).toEqual([0, 0, 0])
  })

  test('wait for the answer, think, and send again', () => {
    const { time, loop, seen } = usersWho(1, 100)

    time.pass(1000)
    loop.requestEnded(true)
    time.pass(99)
    expect(seen.sent).toEqual([0])
    time.pass(1)

    expect(seen.sent).toEqual([0, 1100])
    expect(loop.planned).toBe(2)
  })

  test('do not hammer what does not answer', () => {
    const { time, loop, seen } = usersWho(1, 0)

    for (let n = 0; n < 10; n += 1) {
      loop.requestEnded(false)
      time.pass(100)
    }

    expect(seen.sent).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
  })

  test('begin nothing after the end, and it is over with the last answer', () => {
    const { time, loop, seen } = usersWho(2, 1000)
    loop.endAt(600)

    time.pass(550)
    loop.requestEnded(true)
    time.pass(1000)
    expect(seen).toEqual({ sent: [0, 500], finished: 0 })
    loop.requestEnded(true)
    time.pass(5000)

    expect(seen).toEqual({ sent: [0, 500], finished: 1 })
    expect(time.alarms).toBe(0)
  })

  test('stop at once when they are told to', () => {
    const { time, loop, seen } = usersWho(3, 900)
    time.pass(100)

    loop.cancel()
    loop.requestEnded(false)
    time.pass(5000)

    expect(seen).toEqual({ sent: [0], finished: 1 })
    expect(time.alarms).toBe(0)
  })
})

test.each([{ keepAlive: false }, { keepAlive: true }])(
  'as many requests are under way as there are users (keepAlive: $keepAlive)',
  async ({ keepAlive }) => {
    await using server = await FaultServer.start(['ok after 100 ms'])
    const tracer = new RequestTracer()
    const load = startLoad(closedPlanFor(server.url, 10, { keepAlive }), { tracer })
    await expect.poll(() => server.requests.length, patience).toBeGreaterThan(25)

    const result = await load.endAt(0)

    expect(result.summary.planned).toBe(server.requests.length)
    expect(tracer.mostUnderWay).toBe(10)
    expect(result.serviceTime.percentile(0)).toBeGreaterThanOrEqual(99)
    if (keepAlive) expect(server.connections).toBe(10)
    expect(imbalanceOf(result)).toEqual([])
  },
)

test('against a port where nobody listens, ten users try ten times a second each, and not thousands of times', async () => {
  const load = startLoad(closedPlanFor(new URL(`http://127.0.0.1:${await freePort()}/`), 10))

  const { summary } = await load.endAt(950)

  expect(summary.planned).toBeLessThanOrEqual(100)
  expect(summary.outcomes).toEqual({ refused: summary.planned })
})

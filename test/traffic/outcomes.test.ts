import { describe, expect, test } from 'vitest'
import type { LoadResult } from '../../src/traffic/engine.ts'
import { outcomeOfError } from '../../src/traffic/outcomes.ts'
import { allFaults, type CertainFault, FaultServer, outcomeOf, outcomesOf } from './fault-server.ts'
import { planFor, RequestTracer, send } from './plans.ts'

describe.concurrent.each([{ keepAlive: false }, { keepAlive: true }])(
  'exact counts with keepAlive: $keepAlive',
  ({ keepAlive }) => {
    test.each(allFaults)('a server that "%s"', async (fault) => {
      await using server = await FaultServer.start([fault])

      const result = await send(20, planFor(server.url, { keepAlive }))

      expect(result.summary.outcomes).toEqual({ [outcomeOf[fault]]: 20 })
      expect(server.requests).toHaveLength(20)
      expectBalanced(result)
    })

    test('all faults by turns', async () => {
      await using server = await FaultServer.start(allFaults)

      const result = await send(allFaults.length * 5, planFor(server.url, { keepAlive }))

      expect(result.summary.outcomes).toEqual(outcomesOf(Array(5).fill(allFaults).flat()))
      expectBalanced(result)
    })

    test.each([1, 2, 3])('whatever the script: no %i of some at random', async (seed) => {
      const script = randomScript(seed, 100)
      await using server = await FaultServer.start(script)
      const tracer = new RequestTracer()

      const result = await send(script.length, planFor(server.url, { keepAlive }), tracer)

      expect(result.summary.outcomes).toEqual(outcomesOf(script))
      expect(server.requests).toHaveLength(script.length)
      expect(tracer.ended).toHaveLength(script.length)
      expectBalanced(result)
    })

    test('a server that closes each connection after an answer without a word', async () => {
      await using server = await FaultServer.start(['ok, and closes without a word'])

      const result = await send(50, planFor(server.url, { keepAlive }))

      // Whoever comes on a kept connection just before it closes gets no answer: the server has answered all others.
      const { '2xx': answered, reset = 0 } = result.summary.outcomes
      expect(answered).toBe(server.requests.length)
      expect(reset).toBe(50 - server.requests.length)
      if (!keepAlive) expect(reset).toBe(0)
      expectBalanced(result)
    })

    test('a server that dies while users call it', async () => {
      const server = await FaultServer.start()
      const sent = send(200, planFor(server.url, { keepAlive }))
      await expect.poll(() => server.requests.length).toBeGreaterThan(50)
      await server[Symbol.asyncDispose]()

      const result = await sent

      const { '2xx': answered = 0, refused = 0, reset = 0 } = result.summary.outcomes
      expect(answered + refused + reset).toBe(200)
      expect(answered).toBeLessThanOrEqual(server.requests.length)
      expect(refused).toBeGreaterThan(0)
      expectBalanced(result)
    })
  },
)

test('without keep-alive each request opens a connection of its own, and says that it will close it', async () => {
  await using server = await FaultServer.start()

  await send(20, planFor(server.url))

  expect(server.connections).toBe(20)
  expect(server.requests.every((head) => /^connection: close$/im.test(head))).toBe(true)
})

test('with keep-alive a connection is used again after an answer', async () => {
  await using server = await FaultServer.start()

  await send(20, planFor(server.url, { keepAlive: true, perSecond: 50, maxInFlight: 1 }))

  expect(server.requests).toHaveLength(20)
  expect(server.connections).toBe(1)
})

test('when the result is there, every connection is closed', async () => {
  await using server = await FaultServer.start(['ok', 'hangs'])

  await send(20, planFor(server.url, { keepAlive: true, timeoutMs: 200 }))

  await expect.poll(() => server.open).toBe(0)
})

test('an answer that users do not expect is a failure, whatever its status', async () => {
  await using server = await FaultServer.start(['ok', 'not found'])

  const { summary } = await send(10, planFor(server.url, { isExpected: (status) => status === 404 }))

  expect(summary).toMatchObject({ completed: 5, failed: 5, outcomes: { '2xx': 5, '4xx': 5 } })
})

test('where this machine has no socket left, a request was not sent', () => {
  const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })

  expect(outcomeOfError(error, 'connecting')).toBe('dropped')
})

test('the span of each request ends with its outcome', async () => {
  await using server = await FaultServer.start(['ok', 'server error', 'closes after the request'])
  const tracer = new RequestTracer()

  await send(3, planFor(server.url, { maxInFlight: 1 }), tracer)

  expect(tracer.ended.map(({ error, attributes }) => ({ error, ...attributes }))).toEqual([
    expect.objectContaining({ error: undefined, 'chaos_test.outcome': '2xx', 'http.response.status_code': 200 }),
    expect.objectContaining({ error: '5xx', 'chaos_test.outcome': '5xx', 'http.response.status_code': 500 }),
    expect.objectContaining({ error: 'reset', 'chaos_test.outcome': 'reset' }),
  ])
  for (const [index, { traceId }] of tracer.ended.entries()) expect(server.requests[index]).toContain(`00-${traceId}-`)
})

/** Each planned request is in exactly one count, and each count is in exactly one second. */
function expectBalanced({ summary, seconds }: LoadResult): void {
  const { planned, completed, failed, dropped, outcomes } = summary
  const perOutcome: Record<string, number> = {}
  for (const [outcome, count] of seconds.flatMap((second) => Object.entries(second.outcomes))) {
    perOutcome[outcome] = (perOutcome[outcome] ?? 0) + count
  }
  expect(completed + failed + dropped).toBe(planned)
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(planned)
  expect(perOutcome).toEqual(outcomes)
}

/** A script of faults drawn by a linear congruential generator (Numerical Recipes): the same for the same seed. */
function randomScript(seed: number, length: number): CertainFault[] {
  let state = seed
  return Array.from({ length }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return allFaults[Math.floor((state / 2 ** 32) * allFaults.length)] ?? 'ok'
  })
}

import { describe, expect, test } from 'vitest'
import { randomFrom } from '../../src/support/random.ts'
import type { LoadModel, LoadPlan } from '../../src/traffic/engine.ts'
import { Expectation } from '../../src/traffic/expectation.ts'
import { outcomeOfError } from '../../src/traffic/outcomes.ts'
import { allFaults, type CertainFault, FaultServer, outcomeOf, outcomesOf, patience } from './fault-server.ts'
import { closedPlanFor, imbalanceOf, planFor, RequestTracer, send, startLoad, streamFor, sumOf } from './plans.ts'

/** Patience of users on a machine with much else to do, where it is not their patience that is tested. */
const aMinute = 60_000

// Beside others a test must use its own `expect`: the global one is that of whichever test began last.
describe.concurrent.each([{ keepAlive: false }, { keepAlive: true }])(
  'exact counts with keepAlive: $keepAlive',
  ({ keepAlive }) => {
    test.each(allFaults)('a server that "%s"', async (fault) => {
      await using server = await FaultServer.start([fault])

      const timeoutMs = outcomeOf[fault].startsWith('timeout') ? 3000 : aMinute

      const result = await send(20, planFor(server.url, { keepAlive, timeoutMs }))

      expect(result.summary.outcomes).toEqual({ [outcomeOf[fault]]: 20 })
      expect(server.requests).toHaveLength(20)
      expect(imbalanceOf(result)).toEqual([])
    })

    test('all faults by turns', async () => {
      await using server = await FaultServer.start(allFaults)

      const result = await send(allFaults.length * 5, planFor(server.url, { keepAlive, timeoutMs: 10_000 }))

      expect(result.summary.outcomes).toEqual(outcomesOf(Array(5).fill(allFaults).flat()))
      expect(imbalanceOf(result)).toEqual([])
    })

    test('all faults by turns, in a closed loop', async ({ expect }) => {
      await using server = await FaultServer.start(allFaults)
      const load = startLoad(closedPlanFor(server.url, 20, { keepAlive, timeoutMs: 10_000 }))
      await expect.poll(() => server.requests.length, patience).toBeGreaterThan(allFaults.length * 2)

      const result = await load.endAt(0)

      expect(result.summary.planned).toBe(server.requests.length)
      expect(result.summary.outcomes).toEqual(outcomesOf(server.met as CertainFault[]))
      expect(imbalanceOf(result)).toEqual([])
    })

    test('a burst of 5xx', async () => {
      const script = (['ok', 'unavailable', 'bad gateway'] as const).flatMap((fault) => Array(30).fill(fault))
      await using server = await FaultServer.start(script)

      const result = await send(90, planFor(server.url, { keepAlive, timeoutMs: aMinute }))

      expect(result.summary).toMatchObject({ completed: 30, failed: 60, outcomes: { '2xx': 30, '5xx': 60 } })
      expect(result.firstErrors.map(({ status }) => status)).toEqual([503, 503, 503])
    })

    test('a server that closes each connection after an answer without a word', async () => {
      await using server = await FaultServer.start(['ok, and closes without a word'])

      const result = await send(50, planFor(server.url, { keepAlive, timeoutMs: aMinute }))

      // Whoever comes on a kept connection just before it closes gets no answer: the server has answered all others.
      const { '2xx': answered, reset = 0 } = result.summary.outcomes
      expect(answered).toBe(server.requests.length)
      expect(reset).toBe(50 - server.requests.length)
      if (!keepAlive) expect(reset).toBe(0)
      expect(imbalanceOf(result)).toEqual([])
    })

    test('a pod that shuts down in good order', async ({ expect }) => {
      await using server = await FaultServer.start()
      const { load, refusals } = startCounted(planFor(server.url, { keepAlive, timeoutMs: aMinute }))
      await expect.poll(() => server.requests.length, patience).toBeGreaterThan(50)
      server.drain()
      await expect.poll(refusals, patience).toBeGreaterThan(0)

      const result = await load.endAt(0)

      // A connection that the kernel has taken and the server has not is reset when the server stops to listen.
      const { planned, outcomes } = result.summary
      const { '2xx': answered, refused = 0, reset = 0 } = outcomes
      expect(answered).toBe(server.requests.length)
      expect(refused + reset).toBe(planned - server.requests.length)
      expect(imbalanceOf(result)).toEqual([])
    })

    test('a server that dies while users call it', async ({ expect }) => {
      const server = await FaultServer.start()
      const { load, refusals } = startCounted(planFor(server.url, { keepAlive, timeoutMs: aMinute }))
      await expect.poll(() => server.requests.length, patience).toBeGreaterThan(50)
      await server[Symbol.asyncDispose]()
      await expect.poll(refusals, patience).toBeGreaterThan(0)

      const result = await load.endAt(0)

      const { planned, outcomes } = result.summary
      const { '2xx': answered = 0, refused = 0, reset = 0 } = outcomes
      expect(answered + refused + reset).toBe(planned)
      expect(answered).toBeLessThanOrEqual(server.requests.length)
      expect(imbalanceOf(result)).toEqual([])
    })
  },
)

/** A load, and how many of its requests were refused until now. */
function startCounted(plan: LoadPlan) {
  const tracer = new RequestTracer()
  return {
    load: startLoad(plan, { tracer }),
    refusals: () => tracer.ended.filter(({ error }) => error === 'refused').length,
  }
}

describe.concurrent('whatever the script and the load', () => {
  test.for(Array.from({ length: 12 }, (_, index) => index + 1))('no %i of some at random', async (seed, { expect }) => {
    const random = randomFrom(seed)
    const script = Array.from({ length: 50 }, () =>
      pick(random, [...allFaults, 'ok, and closes without a word'] as const),
    )
    await using server = await FaultServer.start(script)
    const tracer = new RequestTracer()
    const streams = [1, 2, 3].slice(0, 1 + Math.floor(random() * 3)).map((weight) =>
      streamFor(server.url, {
        name: `s${weight}`,
        weight,
        keepAlive: random() < 0.5,
        timeoutMs: 50 + random() * 300,
      }),
    )
    const load = startLoad({ model: randomModel(random), streams }, { tracer })
    if (random() < 0.5) await expect.poll(() => load.elapsedMs).toBeGreaterThan(300)

    const result = await (random() < 0.5 ? load.abort() : load.endAt(500))

    expect(imbalanceOf(result)).toEqual([])
    expect(result.streams?.size ?? 1).toBe(streams.length)
    for (const books of result.streams?.values() ?? []) expect(imbalanceOf(books)).toEqual([])
    const counts = [...(result.streams?.values() ?? [result])].map(({ summary }) => summary.outcomes)
    expect(sumOf(counts as Record<string, number>[])).toEqual(result.summary.outcomes)
    // Whatever was sent has ended, and nothing is left.
    expect(tracer.ended.length).toBeGreaterThanOrEqual(server.requests.length)
    expect(tracer.ended).toHaveLength(result.summary.planned - result.summary.dropped)
    await expect.poll(() => server.open, patience).toBe(0)
  })
})

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

  await expect.poll(() => server.open, patience).toBe(0)
})

test('an answer that users do not expect is a failure, whatever its status', async () => {
  await using server = await FaultServer.start(['ok', 'not found'])

  const { summary } = await send(10, planFor(server.url, { expectation: new Expectation({ status: 404 }) }))

  expect(summary).toMatchObject({ completed: 5, failed: 5, outcomes: { '2xx': 5, '4xx': 5 } })
})

test('where this machine has no socket left, a request was not sent', () => {
  const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })

  expect(outcomeOfError(error, 'connecting', false)).toBe('dropped')
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

function pick<Item>(random: () => number, items: readonly [Item, ...Item[]] | readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

function randomModel(random: () => number): LoadModel {
  if (random() < 0.4) return { kind: 'closed', users: 1 + Math.floor(random() * 30), thinkMs: pick(random, [0, 5, 50]) }
  const segment = { fromPerSecond: 50 + random() * 300, toPerSecond: 50 + random() * 300, durationMs: 300 }
  const last = { fromPerSecond: 100, toPerSecond: 100, durationMs: Number.POSITIVE_INFINITY }
  return {
    kind: 'open',
    arrivals: { segments: [segment, last], ...(random() < 0.5 ? { poissonSeed: Math.floor(random() * 1000) } : {}) },
    maxInFlight: 1 + Math.floor(random() * 100),
    latenessBudgetMs: pick(random, [0, 20, 10_000]),
  }
}

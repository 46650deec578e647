import { expect, test } from 'vitest'
import { type PodSighting, traffic } from '../../src/traffic/index.ts'
import { FaultServer } from './fault-server.ts'
import { patient, planFor, RequestTracer, send } from './plans.ts'
import { SpecSession } from './spec-session.ts'

const pods: PodSighting[] = [
  { name: 'web-1', phase: 'Running', state: 'ready' },
  { name: 'web-2', phase: 'Running', state: 'terminating' },
]

/** A URL behind which pods can be looked at, and the ends of the looks. */
function withPods(server: FaultServer) {
  const looks: AbortSignal[] = []
  const url = {
    description: 'service/web',
    resolve: async () => server.url.href,
    reach: async () => ({
      url: server.url.href,
      watchPods: async (signal: AbortSignal) => {
        looks.push(signal)
        return () => pods
      },
    }),
  }
  return { url, looks }
}

test('requests to look at say how the pod was that answered, or those that might have', async () => {
  const session = SpecSession.open()
  await using server = await FaultServer.start(['ok', 'unavailable', 'resets after the request'])
  const { url, looks } = withPods(server)

  const { firstErrors, slowest } = await traffic({ ...patient, url, rate: '100/s', maxInFlight: 1 }).for('30ms')

  expect(firstErrors).toMatchObject([
    { outcome: '5xx', pod: 'web-2', pods: [pods[1]] },
    { outcome: 'reset', pods: [pods[1], pods[0]] },
  ])
  expect(slowest).toMatchObject([{ outcome: '2xx' }])
  expect(slowest[0]).not.toHaveProperty('pods')
  expect(session.ended.exemplars).toMatchObject([{ outcome: '2xx' }, { pods: [pods[1]] }, { pods: [pods[1], pods[0]] }])
  expect(looks.map(({ aborted }) => aborted)).toEqual([true])
})

test('streams that call the same look at its pods once', async () => {
  SpecSession.open()
  await using server = await FaultServer.start(['unavailable'])
  const { url, looks } = withPods(server)

  const seen = await traffic({ ...patient, url, rate: '100/s', streams: { browse: {}, buy: { method: 'POST' } } }).for(
    '20ms',
  )

  expect(seen.firstErrors).toMatchObject([{ pods: [pods[1]] }, { pods: [pods[1]] }])
  expect(looks).toHaveLength(1)
})

test('requests to look at have their traces, whatever the budget of traces says', async () => {
  await using server = await FaultServer.start(['ok', 'unavailable'])
  const tracer = new RequestTracer()

  const { firstErrors, slowest } = await send(40, planFor(server.url), tracer)

  expect(firstErrors).toHaveLength(3)
  expect(slowest).toHaveLength(5)
  expect(tracer.kept.toSorted()).toEqual([...firstErrors, ...slowest].map(({ traceId }) => traceId).toSorted())
})

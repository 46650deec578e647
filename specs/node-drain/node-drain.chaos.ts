// A node is drained, as for every upgrade of a cluster: its pods are evicted and start elsewhere. Eviction waits for no
// replacement, so an application with one replica is away for a while: a weakness that we know. Two replicas on two nodes
// cure it.
import { afterAll, beforeAll, expect, hypothesis, kubernetes, rollback, steadyState } from 'chaos-test'
import { service2, users, usersSeeNoErrors } from '../rollout/counter-app.ts'

const service1 = kubernetes.deployment('service1')

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

/** Drains a node that has a pod of service2, and waits until all pods that are wanted are there again. */
async function drain(): Promise<void> {
  const [pod] = await service2.pods().statuses()
  await kubernetes.node(pod?.node ?? '').drain({ within: '60s' })
  await Promise.all([service1, service2].map((deployment) => deployment.available({ within: '60s' })))
}

hypothesis.deviates('users do not notice that the node of the only pods is drained', async () => {
  const observed = await users.during(drain, { atLeast: '10s' })
  expect(observed).toHaveNoErrors()
})

hypothesis('users do not notice that a node is drained when there are pods on another', async () => {
  await service1.scale(2)
  await service2.scale(2)
  await service1.rolledOut({ within: '60s' })
  await service2.rolledOut({ within: '60s' })
  for (const deployment of [service1, service2]) {
    const ready = (await deployment.pods().statuses()).filter((pod) => pod.ready)
    expect(
      new Set(ready.map(({ node }) => node)).size,
      `the scheduler put the pods of ${deployment.name} on different nodes`,
    ).toBe(2)
  }

  const observed = await users.during(drain, { atLeast: '10s' })
  expect(observed).toHaveErrorRateBelow('5%')
})

afterAll(rollback)

// A pod dies without a word, as with a node that loses power. Kubernetes replaces it; until the new one is ready, users
// have what is left. With one replica that is nothing: a weakness that we know. With two it is enough.
import { afterAll, beforeAll, expect, hypothesis, rollback, steadyState } from 'chaos-test'
import { service2, users, usersSeeNoErrors } from '../rollout/counter-app.ts'

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

async function killOne(): Promise<void> {
  await service2.pods().terminate({ gracePeriod: '0s' })
  await service2.available({ within: '60s' })
}

hypothesis.deviates('users do not notice that the only pod of service2 dies', async () => {
  const observed = await users.during(killOne, { atLeast: '10s' })
  expect(observed).toHaveErrorRateBelow('5%')
})

hypothesis('users hardly notice that one of two pods of service2 dies', async () => {
  await service2.scale(2)
  await service2.rolledOut({ within: '60s' })

  // Requests that it had are lost, and some that come before the nodes have heard of it.
  const observed = await users.during(killOne, { atLeast: '20s' })
  expect(observed).toHaveErrorRateBelow('5%')
})

afterAll(rollback)

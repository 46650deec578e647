// A new version that is healthy and slow: it takes two seconds, and service1 waits for one. Its health check knows
// nothing of that, so Kubernetes rolls it out to the end. A weakness that we know: `deviates` says so, and fails on the
// day that it is gone.
import { afterAll, beforeAll, expect, hypothesis, rollback, steadyState } from 'chaos-test'
import { responses, service2, users, usersSeeNoErrors } from './counter-app.ts'

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

hypothesis.deviates('rolling out a slower service2 is transparent to our users', async () => {
  const observed = await users.during(
    async () => {
      await service2.setImage('service2', 'counter/service2:v4')
      await service2.rolledOut({ within: '60s' })
    },
    { atLeast: '20s' },
  )
  const counted = await responses.during(observed).errorRate({ status_code: /^5/ })

  expect(observed).toHaveErrorRateBelow('1%')
  expect(counted).toHaveErrorRateBelow('1%')
})

afterAll(rollback)

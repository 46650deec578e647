// A new version whose health check fails. Kubernetes gives it no traffic and keeps the old one, until the rollout has
// made no progress for so long that it is given up: our users must not notice any of this.
import { afterAll, beforeAll, expect, hypothesis, rollback, steadyState } from 'chaos-test'
import { responses, service2, users, usersSeeNoErrors } from './counter-app.ts'

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

hypothesis('an unhealthy version of service2 never reaches our users', async () => {
  const observed = await users.during(
    async () => {
      await service2.setImage('service2', 'counter/service2:v3')
      expect(await service2.rolloutStatus({ within: '60s' })).toBe('deadline-exceeded')
    },
    { atLeast: '20s' },
  )
  const counted = await responses.during(observed).errorRate({ status_code: /^5/ })

  expect(observed).toHaveNoErrors()
  expect(counted).toHaveNoErrors()
})

afterAll(rollback)

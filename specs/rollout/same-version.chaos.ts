// The simplest rollout: the version that runs already, once more. It is a restart: setting an image that is already set
// changes nothing on Kubernetes, and would test nothing.
import { afterAll, beforeAll, expect, hypothesis, rollback, steadyState } from 'chaos-test'
import { responses, service2, users, usersSeeNoErrors } from './counter-app.ts'

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

hypothesis('rolling out the same version of service2 is transparent to our users', async () => {
  const observed = await users.during(
    async () => {
      await service2.restart()
      await service2.rolledOut({ within: '60s' })
    },
    { atLeast: '20s' },
  )
  const counted = await responses.during(observed).errorRate({ status_code: /^5/ })

  expect(observed).toHaveNoErrors()
  expect(counted).toHaveNoErrors()
})

afterAll(rollback)

// A new version that works. No user sees an error, and yet something happens to them: service2 counts in its memory, so
// the new version begins again at 0. That breaks no promise of ours, so it is a finding and not a failure.
import { afterAll, beforeAll, expect, finding, hypothesis, rollback, steadyState } from 'chaos-test'
import { counter, responses, service2, users, usersSeeNoErrors } from './counter-app.ts'

beforeAll(() => steadyState('users of service1 see no errors', usersSeeNoErrors))

hypothesis('rolling out a new version of service2 is transparent to our users', async () => {
  const observed = await users.during(
    async () => {
      await service2.setImage('service2', 'counter/service2:v2')
      await service2.rolledOut({ within: '60s' })
    },
    { atLeast: '20s' },
  )
  const counted = await responses.during(observed).errorRate({ status_code: /^5/ })

  expect(observed).toHaveNoErrors()
  expect(counted).toHaveNoErrors()

  const resets = await counter.during(observed).resets()
  if (resets.length > 0) {
    const steps = resets.map(({ from, to }) => `${from} → ${to}`)
    finding('the counter was reset: users saw it go back', steps)
  }
})

afterAll(rollback)

// service2, on which service1 depends, answers late, answers with errors, or hangs. service1 waits for it for a second and
// asks it once: so its users wait as long as it does, see each of its errors, and are told after that second that it hangs.
// The first two are weaknesses that we know, the last is what the time-out is for. What is normal, whatever service2 does, is
// that service1 is there and says something in time. These faults are those of the lab.
import { afterAll, beforeAll, expect, hypothesis, kubernetes, rollback, steadyState } from 'chaos-test'
import { users } from '../rollout/counter-app.ts'

const service1 = kubernetes.deployment('service1')
const service2 = kubernetes.service('service2')
const inTime = '3s'

beforeAll(() =>
  steadyState('service1 is there, and answers in time', async () => {
    expect(await service1.availability()).toBe('full')
    expect(await users.for('2s')).toHaveLatencyBelow(inTime, { percentile: 90 })
  }),
)

hypothesis.deviates('users of service1 do not notice that service2 answers 300 ms later', async () => {
  const observed = await users.during(() => service2.delay('300ms', { from: service1 }), { atLeast: '5s' })
  expect(observed).toHaveLatencyBelow('250ms', { percentile: 50 })
})

hypothesis.deviates('users of service1 do not notice that a third of the requests to service2 fail', async () => {
  const observed = await users.during(() => service2.errors({ status: 503, share: '33%' }), { atLeast: '5s' })
  expect(observed).toHaveErrorRateBelow('5%')
})

hypothesis(
  'users of service1 are told after its time-out that service2 hangs, and its pods are left alone',
  async () => {
    const restarts = await service1.pods().restarts()

    const hang = () => kubernetes.deployment('service2').pods().hang({ count: 'all' })
    const observed = await users.during(hang, { atLeast: '5s' })
    expect(observed).toHaveLatencyBelow(inTime, { percentile: 90 })
    expect(await service1.pods().restarts()).toBe(restarts)
  },
)

afterAll(rollback)

// service2, on which service1 depends, answers nobody: all of its pods run on, and none of them is reached. Users of
// service1 get errors then, since it knows no count but that of service2: a weakness that we know. What is normal, with
// service2 or without, is that service1 answers quickly, and that its pods are left alone.
import { afterAll, beforeAll, eventually, expect, hypothesis, kubernetes, rollback, steadyState } from 'chaos-test'
import { users } from '../rollout/counter-app.ts'

const service1 = kubernetes.deployment('service1')
const service2 = kubernetes.service('service2')

beforeAll(() =>
  steadyState('service1 is there, and answers quickly', async () => {
    expect(await service1.availability()).toBe('full')
    expect(await users.for('2s')).toHaveLatencyBelow('1500ms', { percentile: 90 })
  }),
)

/** Takes the pods of service2 away from its users. */
async function cutOff(): Promise<void> {
  await service2.disconnect()
  await eventually(async () => expect((await service2.endpoints()).ready).toEqual([]), { within: '10s' })
}

hypothesis.deviates('users of service1 see no errors while service2 is away', async () => {
  const observed = await users.during(cutOff, { atLeast: '10s' })
  expect(observed).toHaveErrorRateBelow('5%')
})

hypothesis('users of service1 are told quickly that service2 is away, and its pods are left alone', async () => {
  const restarts = await service1.pods().restarts()

  const observed = await users.during(cutOff, { atLeast: '10s' })
  expect(observed).toHaveLatencyBelow('1500ms', { percentile: 90 })
  expect(await service1.pods().restarts()).toBe(restarts)
})

afterAll(rollback)

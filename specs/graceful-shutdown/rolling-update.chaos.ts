// The most reported pain of the field: requests are lost in every plain rolling update. A pod that is told to end has
// requests under way, and gets more of them until all nodes have heard that it is no endpoint any more. A server that
// ends at once on SIGTERM loses them all. Shown here, and cured by a preStop hook: the pod goes on serving for a while
// before it is told to end.
import {
  afterAll,
  beforeAll,
  eventually,
  expect,
  hypothesis,
  kubernetes,
  rollback,
  steadyState,
  traffic,
} from 'chaos-test'
import { service2 } from '../rollout/counter-app.ts'

/**
 * So many that each pod has some requests under way at any time. They call service2 itself and are patient: no slow
 * machine shall make them miss an answer, only a pod that ends.
 */
const users = traffic({ url: kubernetes.service('service2').url('/'), rate: '40/s', timeout: '10s' })

/** As long as the nodes need to hear of it, and the longest request takes. */
const waitBeforeTheEnd = ['node', '-e', 'setTimeout(() => {}, 3000)']

/** A rolling update that loses requests does so until its last pod has ended: a moment after it is over. */
async function usersSeeNoErrors(): Promise<void> {
  await eventually(async () => expect(await users.for('2s')).toHaveNoErrors(), { within: '15s' })
}

beforeAll(async () => {
  // A server as many are: its answers take a while, and SIGTERM ends it at once.
  await service2.setEnv('service2', { ANSWER_MS: '300', DRAIN_MS: 'none' })
  await service2.rolledOut({ within: '60s' })
  await steadyState('users of service2 see no errors', usersSeeNoErrors)
})

async function rollOutAgain(): Promise<void> {
  await service2.restart()
  await service2.rolledOut({ within: '60s' })
}

hypothesis.deviates('a rolling update of a server that ends at once loses no request', async () => {
  const observed = await users.during(rollOutAgain, { atLeast: '10s' })
  expect(observed).toHaveNoErrors()
})

hypothesis('a preStop hook cures it', async () => {
  await service2.patch({
    spec: {
      template: {
        spec: {
          containers: [{ name: 'service2', lifecycle: { preStop: { exec: { command: waitBeforeTheEnd } } } }],
        },
      },
    },
  })
  await service2.rolledOut({ within: '60s' })
  // The pods before it had no hook yet.
  await usersSeeNoErrors()

  const observed = await users.during(rollOutAgain, { atLeast: '10s' })
  expect(observed).toHaveNoErrors()
})

afterAll(rollback)

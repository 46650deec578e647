import { describe, expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { FaultServer } from './fault-server.ts'
import { freePort } from './loopback.ts'

// The real command, on a target that is a file: what users do to the life of a hypothesis.

test('users who give up stop the method at once, and it is rolled back', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
import { traffic } from 'chaos-test'
const users = traffic({
  url: 'http://127.0.0.1:${await freePort()}/',
  rate: '100/s',
  name: 'shoppers',
  failFast: { errorRate: '5%' },
})
hypothesis('is never over', async () => {
  await users.during(async () => {
    await setTarget('v2')
    await forever().catch(() => setTarget('too late'))
  })
})
`,
  )

  const { exitCode } = await project.run([])

  expect(exitCode).toBe(1)
  expect(project.read('target.txt')).toBe('v1')
  expect(project.experiments()).toMatchObject([
    { status: 'completed', deviated: true, 'chaos-test': { verdict: 'deviated', code: 'CHAOS_FAIL_FAST' } },
  ])
})

test('users who were started call through the rollback, and are stopped with the hypothesis if nobody does', async () => {
  await using server = await FaultServer.start()
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
import { traffic } from 'chaos-test'
const users = traffic({ url: '${server.url}', rate: '100/s', name: 'shoppers' })
hypothesis('forgets its users', async () => {
  await users.start()
  await setTarget('v2')
})
`,
  )

  const { exitCode } = await project.run([])

  expect(exitCode).toBe(0)
  const events = project
    .read('.chaos/latest/events.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const indexOf = (type: string) => events.findIndex((event) => event.type === type)
  expect(indexOf('traffic-ended')).toBeGreaterThan(indexOf('undo-ended'))
  expect(indexOf('traffic-ended')).toBeLessThan(indexOf('hypothesis-ended'))
  expect(events[indexOf('traffic-ended')].summary).toMatchObject({ failed: 0, completed: server.requests.length })
  expect(events[indexOf('traffic-started')].hypothesis).toBe(events[indexOf('traffic-ended')].hypothesis)
})

describe('users who were started and give up', () => {
  const play = async (spec: string) => {
    const project = new Project()
    const users = `
import { traffic } from 'chaos-test'
const users = traffic({
  url: 'http://127.0.0.1:${await freePort()}/',
  rate: '100/s',
  name: 'shoppers',
  failFast: { errorRate: '5%' },
})`
    addFileSpec(project, 'a.chaos.ts', `${users}\n${spec}`)
    const { exitCode } = await project.run([])
    return { exitCode, target: project.read('target.txt'), journals: project.experiments() }
  }

  test('end the method beside them, and it is rolled back before anything is looked at', async () => {
    const { exitCode, target, journals } = await play(`
beforeAll(() => steadyState('all is well', () => {}))
hypothesis('1 is never over', async () => {
  await users.start()
  await setTarget('v2')
  await forever()
})
hypothesis('2 has nothing to do with them', async () => {})
`)

    expect({ exitCode, target }).toEqual({ exitCode: 1, target: 'v1' })
    const reason = expect.stringMatching(/^shoppers were stopped before the end/)
    expect(journals).toMatchObject([
      { steady_states: { after: null }, 'chaos-test': { verdict: 'deviated', code: 'CHAOS_FAIL_FAST', reason } },
      { 'chaos-test': { verdict: 'held' } },
    ])
  })

  test('are no witness any more: until somebody stops them, no method is played', async () => {
    const { exitCode, target, journals } = await play(`
import { describe } from 'vitest'
beforeAll(() => users.start())
hypothesis('1 is never over', async () => {
  await setTarget('v2')
  await forever()
})
hypothesis('2 is not played', async () => {
  await setTarget('v3')
})
describe('3', () => {
  beforeAll(() => users.stop().catch(() => {}))
  hypothesis('is played', async () => {})
})
`)

    expect({ exitCode, target }).toEqual({ exitCode: 1, target: 'v1' })
    expect(journals.map((journal) => journal['chaos-test'])).toMatchObject([
      { verdict: 'deviated', code: 'CHAOS_FAIL_FAST' },
      { verdict: 'unsteady', code: 'CHAOS_FAIL_FAST' },
      { verdict: 'held' },
    ])
  })

  test('make it deviate, also when its method is over by then', async () => {
    const { exitCode, journals } = await play(`
import { setTimeout } from 'node:timers/promises'
import { globSync } from 'node:fs'
let started = false
const haveEnded = () => globSync('.chaos/**/*.ndjson').some((log) => readFileSync(log, 'utf8').includes('traffic-ended'))
beforeAll(() => steadyState('they take their time', async () => {
  while (started && !haveEnded()) await setTimeout(10)
}))
hypothesis('is over soon', async () => {
  await users.start()
  started = true
})
`)

    expect(exitCode).toBe(1)
    expect(journals).toMatchObject([{ 'chaos-test': { verdict: 'deviated', code: 'CHAOS_FAIL_FAST' } }])
  })
})

test('a request that cannot be made fails the hypothesis whose users send it', async () => {
  await using server = await FaultServer.start()
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
import { traffic } from 'chaos-test'
const users = traffic({ url: '${server.url}', rate: '100/s', request: () => ({ headers: { 'no header': '' } }) })
hypothesis('is never over', async () => {
  await users.start()
  await forever()
})
`,
  )

  const { exitCode } = await project.run([])

  expect(exitCode).toBe(5)
  expect(project.experiments()).toMatchObject([{ 'chaos-test': { verdict: 'failed', code: 'CHAOS_BAD_REQUEST' } }])
})

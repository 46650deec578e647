import { expect, test } from 'vitest'
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

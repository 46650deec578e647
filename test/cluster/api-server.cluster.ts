import { describe, expect, test, vi } from 'vitest'
import { ApiServer } from './api-server.ts'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject, eventsOf, journalsOf } from './rollout-project.ts'
import { mayStopServers } from './settings.ts'

/** It says when it has rolled out, and goes on, to its rollback, when it is told that the API server is away. */
const spec = `
  import { existsSync, writeFileSync } from 'node:fs'
  import { afterAll, beforeAll, eventually, expect, hypothesis, rollback, steadyState } from 'chaos-test'
  import { service2, users } from '../rollout/counter-app.ts'

  // Users need no API server.
  beforeAll(() =>
    steadyState('users of service1 see no errors', async () => expect(await users.for('2s')).toHaveNoErrors()),
  )

  hypothesis('users see no errors while the API server is away', async () => {
    await service2.setImage('service2', 'counter/service2:v2')
    await service2.rolledOut({ within: '60s' })
    writeFileSync('rolled-out', '')
    await eventually(() => existsSync('api-server-is-away'), { within: '60s' })
  })

  afterAll(rollback)
`

// Of a cluster whose API server is out of reach, nobody can tell how it does without one.
describe.skipIf(!mayStopServers())('the API server of a real cluster is killed', () => {
  test('in a rollout, and comes back: its end is seen, and it is undone', async () => {
    const cluster = openRealCluster()
    const apiServer = new ApiServer(cluster.client)
    const app = new CounterApp(cluster.client)
    await app.deploy()
    // Kubernetes' own deadline goes on while nobody makes progress.
    await app.giveTime('service2', 300)
    const before = await app.version('service2')
    const { project, target } = await createRolloutProject(cluster, app)

    const command = project.start(['specs/rollout/new-version', ...target])
    await Promise.race([app.rollingOut('service2'), command.ended])
    await apiServer.kill()
    await apiServer.start()

    const { exitCode, stdout, stderr } = await command.ended
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })
    const [journal] = journalsOf(project)
    expect(journal?.['chaos-test']).toMatchObject({
      actions: [{ undo: { status: 'undone', by: 'worker' } }],
      restored: { steady_state_met: true },
    })
    expect(await app.version('service2')).toEqual(before)
  })

  test('before the rollback, and comes back: what was done is owed until then, and is undone', async () => {
    const cluster = openRealCluster()
    const apiServer = new ApiServer(cluster.client)
    const app = new CounterApp(cluster.client)
    await app.deploy()
    const before = await app.version('service2')
    const { project, target } = await createRolloutProject(cluster, app)
    project.write({ 'specs/outage/outage.chaos.ts': spec })

    const command = project.start(['specs/outage', ...target])
    const untilEndOr = async (hasHappened: () => void) => {
      await Promise.race([vi.waitFor(hasHappened, { timeout: 120_000, interval: 100 }), command.ended])
    }
    await untilEndOr(() => expect(project.list('.')).toContain('rolled-out'))
    await apiServer.kill()
    project.write({ 'api-server-is-away': '' })
    const failed = expect.objectContaining({ type: 'undo-ended', status: 'failed' })
    await untilEndOr(() => expect(eventsOf(project)).toContainEqual(failed))
    await apiServer.start()

    // Who asks for the way to its users while nobody can tell it has not seen what is normal: that is no deviation.
    const { exitCode, stdout } = await command.ended
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('CHAOS_UNREACHABLE') })
    const [journal] = journalsOf(project)
    expect(journal?.['chaos-test']).toMatchObject({
      verdict: 'failed',
      actions: [{ undo: { status: 'undone', by: 'worker' } }],
      restored: { steady_state_met: true },
    })
    expect(await app.version('service2')).toEqual(before)
  })
})

import { expect, test } from 'vitest'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject, journalsOf } from './rollout-project.ts'

// The faults beside the rollouts, on a real Kubernetes: the same specs as on the lab, with the same verdicts.

test('a plain rolling update, a dead pod, a drained node and a dependency that is away, on a real cluster', async () => {
  const cluster = openRealCluster()
  const app = new CounterApp(cluster.client)
  await app.deploy()
  const before = await app.version('service2')
  const { project, target } = await createRolloutProject(cluster, app)

  const specs = ['graceful-shutdown', 'pod-kill', 'node-drain', 'dependency-down'].map((name) => `specs/${name}`)
  const { exitCode, stdout, stderr } = await project.run([...specs, ...target])
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })

  const journals = journalsOf(project)
  expect(journals.map(({ deviated }) => deviated)).toEqual(expect.arrayContaining([true, false]))
  expect(journals).toHaveLength(8)
  for (const { 'chaos-test': details } of journals) {
    expect(details).toMatchObject({ restored: { steady_state_met: true } })
    for (const action of details.actions) expect(action).toMatchObject({ undo: { status: 'undone', by: 'worker' } })
  }
  await app.rolledOut('service2')
  expect(await app.version('service2')).toEqual(before)
}, 600_000)

import { expect, test } from 'vitest'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject, journalsOf } from './rollout-project.ts'

// The main job on a real Kubernetes: what the specs say of the lab holds there, too.

test('specs/rollout plays the four rollouts of the talk on a real cluster', async () => {
  const cluster = openRealCluster()
  const app = new CounterApp(cluster.client)
  await app.deploy()
  const before = await app.version('service2')
  const { project, target } = await createRolloutProject(cluster, app)

  const { exitCode, stdout, stderr } = await project.run(['specs/rollout', ...target])
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })

  const journals = journalsOf(project)
  expect(journals.map(({ status, deviated, experiment }) => [experiment.title, status, deviated])).toEqual([
    ['rolling out a new version of service2 is transparent to our users', 'completed', false],
    ['rolling out the same version of service2 is transparent to our users', 'completed', false],
    ['rolling out a slower service2 is transparent to our users', 'completed', true],
    ['an unhealthy version of service2 never reaches our users', 'completed', false],
  ])
  for (const { 'chaos-test': details } of journals) {
    expect(details).toMatchObject({
      target: { kind: 'kubernetes', name: cluster.context, namespace: app.namespace },
      actions: [{ undo: { status: 'undone', by: 'worker' } }],
      restored: { steady_state_met: true },
    })
    // Every planned request is accounted for, on a method of at least 20 s at ten a second.
    const { planned = 0, completed = 0, failed = 0, dropped = 0 } = details.traffic[0]?.summary ?? {}
    expect(planned).toBeGreaterThanOrEqual(200)
    expect(completed + failed + dropped).toBe(planned)
  }
  const [newVersion, , slower] = journals
  expect(newVersion?.['chaos-test'].findings).toMatchObject([{ title: expect.stringContaining('counter was reset') }])
  // By the users' own count and by that of Prometheus, which saw the real pods.
  expect(slower?.['chaos-test'].traffic[0]?.summary?.failed).toBeGreaterThan(2)
  expect(slower?.['chaos-test'].prometheus[0]?.value).toBeGreaterThan(0.01)

  // The same pod template, and so the same replica set, as before the first of them.
  await app.rolledOut('service2')
  expect(await app.version('service2')).toEqual(before)
  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])
}, 300_000)

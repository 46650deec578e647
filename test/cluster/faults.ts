import { expect } from 'vitest'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject, journalsOf } from './rollout-project.ts'

/**
 * Plays specs on the counter application in a real cluster. Each has a hypothesis that deviates and one that holds, as on
 * a lab, and leaves the application as it was.
 */
export async function playFaults(specs: readonly string[]): Promise<void> {
  const cluster = openRealCluster()
  const app = new CounterApp(cluster.client)
  await app.deploy()
  const before = await app.version('service2')
  const { project, target } = await createRolloutProject(cluster, app)

  const { exitCode, stdout, stderr } = await project.run([...specs.map((name) => `specs/${name}`), ...target])
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })

  const journals = journalsOf(project)
  const deviated = journals.map((journal) => journal.deviated).sort()
  expect(deviated).toEqual([...specs.map(() => false), ...specs.map(() => true)])
  for (const { 'chaos-test': details } of journals) {
    expect(details).toMatchObject({ restored: { steady_state_met: true } })
    for (const action of details.actions) expect(action).toMatchObject({ undo: { status: 'undone', by: 'worker' } })
  }
  await app.rolledOut('service2')
  expect(await app.version('service2')).toEqual(before)
}

import { globSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { Project } from '../support/project.ts'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject } from './rollout-project.ts'

const slowerImage = 'counter/service2:v4'

test('command and guardian are killed in a rollout: an empty folder recovers a real cluster by what it remembers', async () => {
  const cluster = openRealCluster()
  const app = new CounterApp(cluster.client)
  await app.deploy()
  const before = await app.version('service2')
  const { project, target } = await createRolloutProject(cluster, app)

  const command = project.start(['specs/rollout/slower-version', ...target])
  const isRollingOut = async () => {
    const { template } = await app.version('service2')
    expect(template?.spec?.containers, command.stdout + command.stderr).toMatchObject([{ image: slowerImage }])
  }
  await vi.waitFor(isRollingOut, { timeout: 60_000, interval: 100 })
  const [owners] = globSync('.chaos/runs/*/owners.json', { cwd: project.folder })
  process.kill(JSON.parse(project.read(owners ?? '')).guardian.pid, 'SIGKILL')
  process.kill(-(command.process.pid ?? 0), 'SIGKILL')
  await command.ended
  await expect.poll(() => project.survivors(), { timeout: 30_000 }).toEqual([])
  expect((await app.version('service2')).template).not.toEqual(before.template)

  const elsewhere = new Project()
  const { kubeconfig, context } = cluster
  const on = Object.entries({ kubeconfig, context, namespace: app.namespace })
  const recover = () => elsewhere.run(['recover', ...on.flatMap(([name, value]) => [`--${name}`, value])])
  // Its lock is not free yet: that the run has died shows when it is not heard of for some time.
  expect(await recover()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_TARGET_LOCKED') })
  const isRecovered = async () => expect(await recover()).toMatchObject({ exitCode: 0 })
  await vi.waitFor(isRecovered, { timeout: 60_000, interval: 1000 })

  expect((await app.version('service2')).template).toEqual(before.template)
  await app.rolledOut('service2')
  expect(await app.version('service2')).toEqual(before)
  expect((await recover()).stdout).toContain('Nothing is owed')
})

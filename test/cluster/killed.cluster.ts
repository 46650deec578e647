import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CounterApp } from './counter-app.ts'
import { openRealCluster } from './real-cluster.ts'
import { createRolloutProject, eventsOf, journalsOf } from './rollout-project.ts'

const slowerImage = 'counter/service2:v4'

test('the command is killed in a rollout on a real cluster: the guardian puts it back and writes the journal', async () => {
  const cluster = openRealCluster()
  const app = new CounterApp(cluster.client)
  await app.deploy()
  const before = await app.version('service2')
  const { project, target } = await createRolloutProject(cluster, app)

  const command = project.start(['specs/rollout/slower-version', ...target])
  const endedBefore = await Promise.race([app.rollingOut('service2').then(() => null), command.ended])
  expect(endedBefore).toBeNull()
  expect(eventsOf(project)).toContainEqual(expect.objectContaining({ type: 'action-started' }))
  expect((await app.version('service2')).template?.spec?.containers).toMatchObject([{ image: slowerImage }])
  command.process.kill('SIGKILL')
  expect(await command.ended).toMatchObject({ signal: 'SIGKILL' })

  await expect.poll(() => project.survivors(), { timeout: 60_000 }).toEqual([])
  expect((await app.version('service2')).template).toEqual(before.template)
  await app.rolledOut('service2')
  expect(await app.version('service2')).toEqual(before)

  const [run] = globSync('.chaos/runs/*/journal.json', { cwd: project.folder })
  expect(JSON.parse(project.read(run ?? ''))).toMatchObject({ verdict: 'interrupted' })
  const [journal] = journalsOf(project)
  expect(journal).toMatchObject({
    status: 'interrupted',
    'chaos-test': { verdict: 'interrupted', actions: [{ undo: { status: 'undone', by: 'guardian' } }] },
  })
})

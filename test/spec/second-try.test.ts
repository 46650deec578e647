import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

test.for([
  `hypothesis('flaky', { retry: 2 }, async () => {})`,
  `hypothesis('flaky', { repeats: 2 }, async () => {})`,
  `describe('a group', { retry: 2 }, () => hypothesis('flaky', async () => {}))`,
  `describe('a group', { repeats: 1 }, () => describe('inside', () => hypothesis('flaky', async () => {})))`,
])('refuses %s: an experiment has no second try', async (spec) => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `import { describe } from 'chaos-test'\n${spec}`)
  const { exitCode, stderr } = await project.run(['list'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('The hypothesis "flaky" cannot have "retry" or "repeats"')
})

test('there is no way to a second try by the config', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('flaky', async () => {})`)
  project.write({ 'chaos.config.ts': `export default { actions: ['actions.ts'], retry: 2 }` })
  expect(await project.run(['list'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('retry: there is no such setting'),
  })
  // A config of Vitest's own is never read.
  project.write({
    'chaos.config.ts': `export default { actions: ['actions.ts'] }`,
    'vitest.config.ts': `export default { test: { retry: 2 } }`,
  })
  expect((await project.run(['list'])).exitCode).toBe(0)
})

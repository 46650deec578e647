import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

/** A steady state that comes back some looks after what was done is undone: as users do when a rollout takes effect. */
const lagging = (looks: number, options = '') => `
  let missing = 0
  beforeAll(() => steadyState('the target is v1', () => {
    if (readTarget() === 'v2') missing = ${looks}
    else expect(--missing, 'looks to come').toBeLessThan(0)
  }${options}))
  hypothesis('is played', async () => { await setTarget('v2') })
`

async function play(spec: string) {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', spec)
  const { exitCode, stdout } = await project.run([])
  const [journal] = project.experiments() as { 'chaos-test': { restored: { steady_state_met: boolean } } }[]
  return { exitCode, stdout: stdout.replace(/\s+/g, ' '), restored: journal?.['chaos-test'].restored.steady_state_met }
}

test('after a rollback, the steady state has some time to come back, and a notice says that it took it', async () => {
  const { exitCode, restored, stdout } = await play(lagging(2))
  expect({ exitCode, restored }, stdout).toEqual({ exitCode: 0, restored: true })
  expect(stdout).toContain('After the rollback, "the target is v1" took')
})

test('one that is not back within its time is not restored: exit 6', async () => {
  const { exitCode, restored, stdout } = await play(lagging(9999, `, { backWithin: '500ms' }`))
  expect({ exitCode, restored }, stdout).toEqual({ exitCode: 6, restored: false })
  expect(stdout).toContain('After the rollback, the steady state did not come back: after 5')
})

test('with backWithin: 0 it must be there at once', async () => {
  const { exitCode } = await play(lagging(1, `, { backWithin: 0 }`))
  expect(exitCode).toBe(6)
})

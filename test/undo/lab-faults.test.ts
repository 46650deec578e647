import { existsSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { faults } from '../../src/lab/client/index.ts'
import { Project } from '../support/project.ts'
import { guardianOf } from './matrix/play.ts'
import { asking, labTarget } from './matrix/targets.ts'

// The faults of a lab are undone by whoever is left, from their data alone: the lab outlives the run.

const spec = `
import { writeFileSync } from 'node:fs'
import { hypothesis, kubernetes } from 'chaos-test'

hypothesis('users get nothing', async () => {
  const web = kubernetes.deployment('web')
  await web.rolledOut({ within: '30s' })
  await web.pods().hang()
  await kubernetes.service('web').errors({ status: 503 })
  await kubernetes.service('web').blackHole()
  writeFileSync(${JSON.stringify('REACHED')}, String(process.pid))
  await new Promise(() => {})
})
`

test.for(['worker', 'command', 'everything'] as const)(
  'SIGKILL of the %s while a lab suffers: its users are served again',
  { timeout: 180_000 },
  async (killed, { onTestFinished }) => {
    const project = new Project({ ...labTarget.files }, onTestFinished)
    const reached = project.path('reached')
    project.write({
      'suffers.chaos.ts': spec.replace('REACHED', reached),
      'chaos.config.ts': `export default ${JSON.stringify(labTarget.config)}`,
    })
    await labTarget.start(project)
    try {
      const command = project.start(labTarget.args)
      await vi.waitFor(() => expect(existsSync(reached)).toBe(true), { timeout: 90_000, interval: 50 })
      for (const pid of victims(killed, project, command.process.pid ?? 0)) process.kill(pid, 'SIGKILL')
      const { exitCode } = await command.ended
      if (killed === 'worker') expect(exitCode).toBe(5)
      if (killed === 'everything') expect((await project.run(['recover'])).exitCode).toBe(0)
      await vi.waitFor(async () => expect(await faultsLeft(project)).toEqual([]), { timeout: 60_000, interval: 200 })
      expect(await labTarget.serves(project)).toBe('v1')
    } finally {
      await labTarget.end(project)
    }
  },
)

function victims(killed: 'worker' | 'command' | 'everything', project: Project, command: number): number[] {
  if (killed === 'worker') return [Number(project.read('reached'))]
  return killed === 'command' ? [command] : [guardianOf(project), -command]
}

async function faultsLeft(project: Project): Promise<string[]> {
  const { items } = await asking(project, (client) => client.list(faults))
  return items.map(({ metadata }) => metadata.name)
}

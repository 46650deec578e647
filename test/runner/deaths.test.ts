import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project, type RunningCommand } from '../support/project.ts'

const acting = `
  hypothesis('acts and goes on', async () => {
    await setTarget('v2')
    reached('acting')
    await forever()
  })
`

/** Starts a run and waits until its hypothesis has changed the target. */
async function startActing(hypotheses = acting): Promise<{ project: Project; command: RunningCommand }> {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', hypotheses, { target: 'lab' })
  const command = project.start([])
  await expect.poll(() => existsSync(project.path('acting')), { timeout: 30_000 }).toBe(true)
  expect(project.read('target.txt')).toBe('v2')
  return { project, command }
}

async function nothingIsLeft(project: Project): Promise<void> {
  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])
}

function verdicts(project: Project): unknown[] {
  return project
    .experiments()
    .map((journal) => [journal.status, (journal['chaos-test'] as { verdict: string }).verdict])
}

test('the worker is killed: the command undoes, and the hypothesis has failed', async () => {
  const { project, command } = await startActing()
  process.kill(Number(project.read('acting')), 'SIGKILL')
  const { exitCode, stdout } = await command.ended
  expect({ exitCode, target: project.read('target.txt') }).toEqual({ exitCode: 5, target: 'v1' })
  expect(stdout).toContain('CHAOS_WORKER_DIED')
  expect(verdicts(project)).toEqual([['failed', 'failed']])
  await nothingIsLeft(project)
})

test('a worker that dies while specs are collected ends the run, and nothing was done', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `process.kill(process.pid, 'SIGKILL')`, { target: 'lab' })
  const { exitCode, stderr } = await project.run([])
  expect({ exitCode, target: project.read('target.txt') }).toEqual({ exitCode: 2, target: 'v1' })
  expect(stderr).toContain('[CHAOS_SPEC_BROKEN]')
  await nothingIsLeft(project)
})

test('the worker of a file dies: the next file has their one target, as it was', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
    hypothesis('dies', async () => {
      await setTarget('v2')
      process.kill(process.pid, 'SIGKILL')
      await forever()
    })
  `,
    { target: 'lab' },
  )
  addFileSpec(project, 'b.chaos.ts', `hypothesis('comes next', async () => { expect(readTarget()).toBe('v1') })`, {
    target: 'lab',
  })
  await project.run(['lab', 'up', 'shared', '--detach'])
  try {
    expect((await project.run(['--target', 'lab:shared'])).exitCode).toBe(5)
    expect(verdicts(project).toSorted()).toEqual([
      ['completed', 'held'],
      ['failed', 'failed'],
    ])
  } finally {
    await project.run(['lab', 'down', 'shared'])
  }
  await nothingIsLeft(project)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s: the run is interrupted and the target put back', async (signal, expected) => {
  const { project, command } = await startActing()
  // To the whole group, as a terminal sends it.
  process.kill(-(command.process.pid ?? 0), signal)
  const { exitCode } = await command.ended
  expect({ exitCode, target: project.read('target.txt') }).toEqual({ exitCode: expected, target: 'v1' })
  expect(verdicts(project)).toEqual([['interrupted', 'interrupted']])
  await nothingIsLeft(project)
})

test('Ctrl-C while the lab is still coming up ends the run at once', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('never runs', async () => { reached('acting') })`, { target: 'lab' })
  const command = project.start([])
  await expect.poll(() => existsSync(project.path('.chaos/runs')), { timeout: 15_000 }).toBe(true)
  command.process.kill('SIGINT')
  expect((await command.ended).exitCode).toBe(130)
  expect(existsSync(project.path('acting'))).toBe(false)
  await nothingIsLeft(project)
})

test('the command is killed: the guardian undoes and writes the journal and the report', async () => {
  const { project, command } = await startActing()
  command.process.kill('SIGKILL')
  await command.ended
  await expect.poll(() => project.read('target.txt'), { timeout: 15_000 }).toBe('v1')
  await nothingIsLeft(project)
  const [run] = [...runsOf(project)]
  expect(run?.journal).toMatchObject({ verdict: 'interrupted' })
  expect(readFileSync(join(run?.folder ?? '', 'report.html'), 'utf8')).toContain('"verdict":"interrupted"')
})

test('everything is killed, the guardian too: the next start undoes before it does anything', async () => {
  const { project, command } = await startActing(`
    hypothesis('acts and goes on', async () => {
      expect(readTarget()).toBe('v1')
      await setTarget('v2')
      reached('acting')
      if (existsSync(join(process.cwd(), 'second-run'))) return
      await forever()
    })
  `)
  const [run] = runsOf(project)
  const { guardian } = JSON.parse(readFileSync(join(run?.folder ?? '', 'owners.json'), 'utf8'))
  process.kill(guardian.pid, 'SIGKILL')
  process.kill(-(command.process.pid ?? 0), 'SIGKILL')
  await command.ended
  expect(project.read('target.txt')).toBe('v2')
  await nothingIsLeft(project)

  expect((await project.run(['recover', '--list'])).stdout).toContain('the text of target.txt as it was')
  project.write({ 'second-run': '' })
  expect((await project.run([])).exitCode).toBe(0)
  expect(project.read('target.txt')).toBe('v1')
})

function runsOf(project: Project): Array<{ folder: string; journal?: unknown }> {
  const runs = project.path('.chaos/runs')
  return project.list('.chaos/runs').map((name) => {
    const folder = join(runs, name)
    const journal = join(folder, 'journal.json')
    return { folder, ...(existsSync(journal) ? { journal: JSON.parse(readFileSync(journal, 'utf8')) } : {}) }
  })
}

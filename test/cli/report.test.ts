import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

const report = '.chaos/latest/report.html'

function viewIn(html: string) {
  const [, view = '{}'] = /id="view">(.*?)<\/script>/.exec(html) ?? []
  return JSON.parse(view)
}

test('a run leaves a report, and "chaos-test report" makes it again from what the run left', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('acts', async () => setTarget('v2'))`)
  const { exitCode: played, stdout: shown } = await project.run([])
  expect(played).toBe(0)
  expect(shown.trim().split('\n').at(-1)).toMatch(/ · \.chaos\/runs\/\S+\/report\.html$/)
  const first = project.read(report)
  expect(viewIn(first)).toMatchObject({ hypotheses: [{ title: 'acts', verdict: 'held' }], run: { exitCode: 0 } })

  rmSync(project.path(report))
  const [run = ''] = project.list('.chaos/runs')
  const path = `.chaos/runs/${run}/report.html`
  for (const args of [[], [run], [run.slice(0, 13)], ['latest'], ['.chaos/latest'], [run, `.chaos/runs/${run}`]]) {
    const { exitCode, stdout, stderr } = await project.run(['report', ...args])
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `${path}\n`, stderr: '' })
  }
  expect(project.read(report)).toBe(first)
})

test('what a run leaves is nothing to commit, unless the project says otherwise', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('holds', async () => {})`)
  spawnSync('git', ['init', '--quiet'], { cwd: project.folder })
  const uncommitted = () =>
    spawnSync('git', ['status', '--porcelain', '--ignored=no'], { cwd: project.folder, encoding: 'utf8' }).stdout
  await project.run([])
  expect(uncommitted()).toContain('a.chaos.ts')
  expect(uncommitted()).not.toContain('.chaos/')
  project.write({ '.chaos/.gitignore': 'logs/' })
  await project.run([])
  expect(project.read('.chaos/.gitignore')).toBe('logs/')
})

test('a run that nobody brought to its end has a report when it is asked for, and when it was recovered', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `hypothesis('acts and goes on', async () => { await setTarget('v2'); reached('acting'); await forever() })`,
  )
  const command = project.start([])
  await expect.poll(() => existsSync(project.path('acting')), { timeout: 30_000 }).toBe(true)
  const [run = ''] = project.list('.chaos/runs')
  const { guardian } = JSON.parse(project.read(`.chaos/runs/${run}/owners.json`))
  process.kill(guardian.pid, 'SIGKILL')
  process.kill(-(command.process.pid ?? 0), 'SIGKILL')
  await command.ended
  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])

  const { exitCode, stdout } = await project.run(['report'])
  expect(exitCode).toBe(0)
  expect(viewIn(project.read(stdout.trim()))).toMatchObject({
    hypotheses: [{ title: 'acts and goes on', verdict: 'unfinished', actions: [{ undo: { status: 'owed' } }] }],
  })

  expect(await project.run(['recover'])).toMatchObject({ exitCode: 0 })
  expect(viewIn(project.read(stdout.trim()))).toMatchObject({
    run: { interruption: 'the death of the command and its guardian' },
    hypotheses: [{ verdict: 'interrupted', actions: [{ undo: { status: 'undone', by: 'recover' } }] }],
  })
})

test('a run that is not there is named, with those that are', async () => {
  const project = new Project()
  expect(await project.run(['report'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/There is no run under .*\[CHAOS_NO_SUCH_RUN\]/),
  })
  addFileSpec(project, 'a.chaos.ts', `hypothesis('holds', async () => {})`)
  await project.run([])
  const [run = ''] = project.list('.chaos/runs')
  const { exitCode, stderr } = await project.run(['report', 'yesterday'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('There is no run "yesterday" here')
  expect(stderr).toContain(run)
})

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
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

/** It acts and then blocks its worker: nothing but SIGKILL ends that. */
const deaf = `
  hypothesis('acts and hears nothing', async () => {
    await setTarget('v2')
    reached('acting')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
`

async function start(hypotheses: string): Promise<{ project: Project; command: RunningCommand }> {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', hypotheses, { target: 'lab' })
  const command = project.start([])
  await expect.poll(() => existsSync(project.path('acting')), { timeout: 40_000 }).toBe(true)
  return { project, command }
}

async function nothingIsLeft(project: Project): Promise<void> {
  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])
}

function journalOf(project: Project): { verdict: string; exitCode: number } {
  const [run] = readdirSync(project.path('.chaos/runs'))
  return JSON.parse(project.read(join('.chaos/runs', run ?? '', 'journal.json')))
}

// What counts as launched is up to the machine, so the signal comes at many moments of a start.
test.for([0, 100, 200, 300, 400, 500, 600])('Ctrl-C %i ms after the launch counts', async (afterMs) => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', acting, { target: 'lab' })
  const command = project.start([])
  await delay(afterMs)
  process.kill(-(command.process.pid ?? 0), 'SIGINT')
  const { exitCode, signal } = await command.ended
  // Before the command has taken the signals into its hands, the signal simply ends it: nothing was begun.
  expect(signal ?? exitCode).toBe(signal ? 'SIGINT' : 130)
  expect(existsSync(project.path('acting'))).toBe(false)
  expect(project.read('target.txt')).toBe('v1')
  await nothingIsLeft(project)
})

test('signals within a second of the first count as the first: npm passes on what the terminal has sent already', async () => {
  const project = new Project()
  // The rollback waits for the second signal: would it count as one more, the worker would be killed.
  addFileSpec(
    project,
    'a.chaos.ts',
    `
    hypothesis('acts and goes on', async ({ signal }) => {
      await setTarget('v2')
      signal.addEventListener('abort', () => reached('cancelled'))
      reached('acting')
      await forever()
    })
    afterAll(async () => {
      const { setTimeout: delay } = await import('node:timers/promises')
      while (!existsSync(join(process.cwd(), 'signalled-again'))) await delay(10)
      reached('ended-by-itself')
    })
  `,
  )
  const command = project.start([])
  await expect.poll(() => existsSync(project.path('acting')), { timeout: 40_000 }).toBe(true)
  command.process.kill('SIGINT')
  command.process.kill('SIGINT')
  await expect.poll(() => existsSync(project.path('cancelled')), { timeout: 15_000 }).toBe(true)
  project.write({ 'signalled-again': '' })
  expect((await command.ended).exitCode).toBe(130)
  expect(existsSync(project.path('ended-by-itself'))).toBe(true)
  expect(project.read('target.txt')).toBe('v1')
})

test('a CI that cancels (SIGINT, SIGTERM after 7.5 s, SIGKILL of the tree after 10 s) finds the target restored', async () => {
  const { project, command } = await start(deaf)
  const tree = () => project.survivors()
  command.process.kill('SIGINT')
  await Promise.race([command.ended, delay(7500)])
  command.process.kill('SIGTERM')
  await Promise.race([command.ended, delay(2500)])
  for (const pid of tree()) process.kill(pid, 'SIGKILL')
  expect((await command.ended).exitCode).toBe(130)
  expect(project.read('target.txt')).toBe('v1')
  expect(journalOf(project)).toMatchObject({ verdict: 'interrupted', exitCode: 130 })
  await nothingIsLeft(project)
})

test('an interrupted hypothesis is marked so in the journal, in the terminal and by the reporters of Vitest', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', acting, { target: 'lab' })
  const command = project.start(['--reporter', 'junit', '--output-file', 'junit.xml'])
  await expect.poll(() => existsSync(project.path('acting')), { timeout: 40_000 }).toBe(true)
  command.process.kill('SIGINT')
  const { stdout } = await command.ended
  expect(stdout).toContain('interrupted')
  expect(project.experiments().map(({ status }) => status)).toEqual(['interrupted'])
  expect(project.read('junit.xml')).toMatch(/<failure|<skipped/)
})

test.for([
  ['default', /Tests +2 failed/],
  ['junit', /<failure.*<failure/s],
  ['json', /"numFailedTests":2/],
] as const)(
  'a hypothesis whose worker died has failed, and so has the one after it: %s',
  async ([reporter, twoFailed]) => {
    const project = new Project()
    addFileSpec(project, 'a.chaos.ts', `${acting}\nhypothesis('comes after it', async () => {})`, { target: 'lab' })
    const output = reporter === 'default' ? [] : ['--output-file', 'output']
    const command = project.start(['--reporter', reporter, ...output])
    await expect.poll(() => existsSync(project.path('acting')), { timeout: 40_000 }).toBe(true)
    process.kill(Number(project.read('acting')), 'SIGKILL')
    const { exitCode, stdout } = await command.ended
    const text = reporter === 'default' ? stripVTControlCharacters(stdout) : project.read('output')
    expect(text).toMatch(twoFailed)
    expect(exitCode).toBe(5)
    const verdicts = project.experiments().map((journal) => (journal['chaos-test'] as { verdict: string }).verdict)
    expect(verdicts).toEqual(['failed', 'failed'])
  },
)

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sparkline } from '../../reporters/github/chart.ts'
import { plain } from '../../reporters/github/markdown.ts'
import { GithubReporter } from '../../reporters/github.ts'
import type { ChaosEvent } from '../../src/journal/events.ts'
import { temporaryFolder } from '../journal/folder.ts'
import { playDeviated, playHeld, Script } from '../journal/script.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { RecordedOutput } from './output.ts'

function show(events: readonly ChaosEvent[], path = join(temporaryFolder(), 'summary.md')) {
  const output = new RecordedOutput()
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path, GITHUB_WORKSPACE: '/repo' }
  const reporter = new GithubReporter({ root: '/repo/shop', output, env })
  for (const event of events) reporter.onEvent(event)
  return { output, path, end: () => reporter.onEnd(), summary: () => readFileSync(path, 'utf8') }
}

function playTwo(): Script {
  const script = new Script().start()
  playHeld(script.file('specs/a.chaos.ts'), 'h1', 'a new version is | transparent')
  playDeviated(script.file('specs/b.chaos.ts'), 'h2', 'a slower one is transparent', 'held')
  return script
}

describe('the summary', () => {
  test('has the verdicts, what was undone, and the details of what did not hold', () => {
    const { end, summary } = show(playTwo().end('deviated', 1).events)
    end()
    expect(summary()).toContain('## ✗ chaos-test: 1 held, 1 deviated')
    expect(summary()).toMatch(/\| ✓ \| a new version is &#124; transparent \| held \| 0 % of \d+ failed \|/)
    expect(summary()).toContain('](<http://traces.test/trace/')
    expect(summary()).toMatch(/\*\*Restored\*\*: \d actions? undone, nothing is owed\./)
    expect(summary()).toContain('<details><summary>✓ held: a new version')
    expect(summary()).toContain('<details open><summary>✗ deviated: a slower one')
  })

  test('stands among those of others in the same step, once', () => {
    const path = join(temporaryFolder(), 'summary.md')
    writeFileSync(path, 'of another command')
    const { end, summary } = show(playTwo().end('deviated', 1).events, path)
    end()
    end()
    expect(summary()).toMatch(/^of another command\n<!-- chaos-test /)
    expect(summary().match(/## ✗ chaos-test/g)).toHaveLength(1)
  })

  test('of a cancelled job says at each moment what was restored', () => {
    const script = new Script().start()
    const place = { file: 'a.chaos.ts', hypothesis: 'h' }
    const events = [
      ...script.events,
      { type: 'hypothesis-started', at: 1, ...place, title: 'it holds', expected: 'held', traceId: 't' },
      { type: 'action-started', at: 2, ...place, action: 'one', title: 'set image', undo: 'the image as it was' },
      { type: 'action-started', at: 3, ...place, action: 'two', title: 'scale', undo: 'the scale as it was' },
      { type: 'interrupted', at: 4, signal: 'SIGINT' },
    ] as ChaosEvent[]
    const { summary } = show(events)
    expect(summary()).toContain('**Interrupted by SIGINT.** It is rolling back')
    expect(summary()).toContain('2 still owed')
    const undone = { type: 'undo-ended', at: 5, ...place, action: 'two', title: 'the scale as it was', by: 'worker' }
    const later = show([...events, { ...undone, status: 'undone', startedAt: 4 }] as ChaosEvent[])
    expect(later.summary()).toContain('**Not restored** (1 action undone): 1 still owed')
    expect(later.summary()).toContain('- the image as it was')
    expect(later.summary()).toContain('- scale → the scale as it was: undone')
  })
})

test('what did not hold is on the line of its spec, from the root of the repository', () => {
  const { output, end } = show(playTwo().end('deviated', 1).events)
  end()
  expect(output.text).toMatch(
    /^::error title=chaos-test%3A deviated,file=shop\/specs\/b\.chaos\.ts::a slower one is transparent%0A/,
  )
  expect(output.text.trim().split('\n')).toHaveLength(1)
})

test('a text means nothing but itself in Markdown', () => {
  expect(plain('<img src=x> | `a` [b](c)\n**d**')).toBe(
    '&lt;img src=x&gt; &#124; &#96;a&#96; &#91;b&#93;&#40;c&#41; &#42;&#42;d&#42;&#42;',
  )
})

test('a sparkline shows when requests failed, and nothing where none did', () => {
  const seconds = [0, 0, 10, 5, 0].map((failed) => ({ requests: 10, failed }))
  expect(sparkline(seconds)).toBe('▁▁█▅▁')
  expect(sparkline([{ requests: 10, failed: 0 }])).toBe('')
})

test('a run on GitHub writes both by itself, with the line of the hypothesis', async () => {
  const project = new Project()
  addFileSpec(project, 'specs/a.chaos.ts', `hypothesis('it holds', () => { expect(readTarget()).toBe('v2') })`)
  const lines = project.read('specs/a.chaos.ts').split('\n')
  const line = lines.findIndex((text) => text.startsWith(`hypothesis('it holds'`)) + 1
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: project.path('summary.md'),
    GITHUB_WORKSPACE: project.folder,
  }
  const { exitCode, stdout } = await project.run([], env)
  expect(exitCode).toBe(1)
  expect(stdout).toContain(
    `::error title=chaos-test%3A deviated,file=specs/a.chaos.ts,line=${line}::it holds%0Aexpected`,
  )
  expect(project.read('summary.md')).toContain(`- spec: \`specs/a.chaos.ts:${line}\``)
})

test('a job whose command was killed has a summary by its guardian', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `hypothesis('it holds', async () => { await setTarget('v2'); reached('acted'); await forever() })`,
  )
  const command = project.start([], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: project.path('summary.md') })
  await expect.poll(() => project.list('.'), { timeout: 30_000 }).toContain('acted')
  command.process.kill('SIGKILL')
  await command.ended
  await expect
    .poll(() => (project.list('.').includes('summary.md') ? project.read('summary.md') : ''), { timeout: 30_000 })
    .toContain('**Restored**: 1 action undone, nothing is owed.')
  expect(project.read('target.txt')).toBe('v1')
})

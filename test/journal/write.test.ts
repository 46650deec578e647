import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stateOf } from '../../src/journal/reduce.ts'
import { experimentNames, writeJournals } from '../../src/journal/write.ts'
import { temporaryFolder } from './folder.ts'
import { flawsOf } from './schemas.ts'
import { playDeviated, playHeld, Script } from './script.ts'

function json(...path: string[]) {
  return JSON.parse(readFileSync(join(...path), 'utf8'))
}

function playRun(): Script {
  const script = new Script().start()
  playHeld(script.file('specs/new-version.chaos.ts'), 'h1', 'a new version is transparent')
  playDeviated(script.file('specs/slower.chaos.ts'), 'h2', 'a slower version is transparent', 'deviated')
  return script.add({ type: 'notice', message: 'the lab is slow' }).end('held', 0)
}

test('it writes the journal of the run and those of its experiments', () => {
  const folder = temporaryFolder()
  writeJournals(folder, stateOf(playRun().events))
  const run = json(folder, 'journal.json')
  expect(flawsOf('run', run)).toEqual([])
  expect(run).toMatchObject({
    run: '2026-03-01T09-30-00-4f2a',
    arguments: ['specs/rollout'],
    verdict: 'held',
    exitCode: 0,
    experiments: [
      { verdict: 'held', expected: 'held', deviated: false, status: 'completed', file: 'specs/new-version.chaos.ts' },
      { verdict: 'held', expected: 'deviated', deviated: true, status: 'completed' },
    ],
    notices: [{ message: 'the lab is slow', file: null }],
  })
  for (const { journal, title } of run.experiments) {
    const experiment = json(folder, journal)
    expect(flawsOf('experiment', experiment)).toEqual([])
    expect(experiment.experiment.title).toBe(title)
  }
  expect(readdirSync(join(folder, 'experiments')).sort()).toEqual([
    'new-version--a-new-version-is-transparent.json',
    'slower--a-slower-version-is-transparent.json',
  ])
})

test('it may write twice, and leaves nothing else behind', () => {
  const folder = temporaryFolder()
  const { events } = playRun()
  writeJournals(folder, stateOf(events.slice(0, -1)))
  expect(json(folder, 'journal.json')).toMatchObject({ verdict: null, exitCode: null, end: null })
  writeJournals(folder, stateOf(events))
  expect(json(folder, 'journal.json')).toMatchObject({ verdict: 'held', exitCode: 0 })
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([])
})

test('a journal that cannot be replaced stays as it was', () => {
  const folder = temporaryFolder()
  const { events } = playRun()
  writeJournals(folder, stateOf(events))
  const before = readFileSync(join(folder, 'journal.json'), 'utf8')
  const broken = {
    ...stateOf(events),
    get notices(): never {
      throw new Error('no notices')
    },
  }
  expect(() => writeJournals(folder, broken)).toThrow('no notices')
  expect(readFileSync(join(folder, 'journal.json'), 'utf8')).toBe(before)
})

test('a run without a single hypothesis, of which nothing else is known, has a journal', () => {
  const folder = temporaryFolder()
  writeJournals(folder, stateOf([]))
  expect(flawsOf('run', json(folder, 'journal.json'))).toEqual([])
  expect(existsSync(join(folder, 'experiments'))).toBe(false)
})

test('names are unique and safe, whatever the titles are', () => {
  const script = new Script().start()
  const titles = ['same', 'same', 'SAME!', '../../etc/passwd', 'Größe & Maß', '服务', `${'long '.repeat(60)}`, '  ']
  const file = script.file('specs/deep/a b.chaos.ts')
  for (const [index, title] of titles.entries()) file.hypothesis(`h${index}`, title).held()
  const names = [...experimentNames(stateOf(script.events)).values()]
  expect(new Set(names).size).toBe(titles.length)
  for (const name of names) {
    expect(name).toMatch(/^[a-z0-9][a-z0-9-]*\.json$/)
    expect(name.length).toBeLessThanOrEqual(130)
  }
  expect(names.slice(0, 4)).toEqual(['a-b--same.json', 'a-b--same-2.json', 'a-b--same-3.json', 'a-b--etc-passwd.json'])
})

test('names do not depend on which file came first', () => {
  const names = (paths: readonly string[]) => {
    const script = new Script().start()
    for (const path of paths) script.file(path).hypothesis(`h-${path}`, 'same').held()
    return [...experimentNames(stateOf(script.events))].map(([{ file }, name]) => `${file} ${name}`).sort()
  }
  expect(names(['one/a.chaos.ts', 'two/a.chaos.ts'])).toEqual(names(['two/a.chaos.ts', 'one/a.chaos.ts']))
})

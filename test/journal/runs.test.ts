import { existsSync, mkdirSync, readlinkSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createRunFolder,
  latestLink,
  linkLatest,
  listRuns,
  newRunId,
  pruneRuns,
  runFolder,
  runsFolder,
} from '../../src/journal/runs.ts'
import { temporaryFolder } from './folder.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2026, 0, 1)

/** A project with as many runs, a day apart: their ids, the oldest first. */
function projectWithRuns(count: number): { root: string; ids: string[] } {
  const root = temporaryFolder()
  const ids = Array.from({ length: count }, (_, day) => newRunId(firstMs + day * dayMs))
  for (const id of ids.toReversed()) createRunFolder(root, id)
  return { root, ids }
}

test('ids tell the time in UTC and differ', () => {
  const ids = new Set(Array.from({ length: 20 }, () => newRunId(firstMs)))
  expect(ids.size).toBeGreaterThan(15)
  for (const id of ids) expect(id).toMatch(/^2026-01-01T00-00-00-[0-9a-f]{4}$/)
})

test('the logs of a run are for its owner only', () => {
  const paths = createRunFolder(temporaryFolder(), newRunId(firstMs))
  expect(statSync(paths.logs).mode & 0o777).toBe(0o700)
  expect(existsSync(paths.experiments)).toBe(true)
})

test('the latest run is found by a link that moves with the project', () => {
  const { root, ids } = projectWithRuns(2)
  for (const id of ids) {
    linkLatest(root, id)
    expect(realpathSync(latestLink(root))).toBe(realpathSync(runFolder(root, id)))
    expect(readlinkSync(latestLink(root))).toBe(join('runs', id))
  }
})

test('the last 20 runs are kept', () => {
  const { root, ids } = projectWithRuns(23)
  expect(pruneRuns(root, () => false).sort()).toEqual(ids.slice(0, 3))
  expect(listRuns(root)).toEqual(ids.slice(3).reverse())
})

test('a run that is owed is kept, and so is one that cannot be read', () => {
  const { root, ids } = projectWithRuns(5)
  const [owed, unreadable, settled] = ids
  const isOwed = (folder: string) => {
    if (folder.endsWith(unreadable ?? '')) throw new Error('its log cannot be read')
    return folder.endsWith(owed ?? '')
  }
  expect(pruneRuns(root, isOwed, 2)).toEqual([settled])
  expect(listRuns(root)).toEqual(ids.filter((id) => id !== settled).reverse())
})

test('what is no run is neither listed nor deleted', () => {
  const { root } = projectWithRuns(1)
  mkdirSync(join(runsFolder(root), 'keep-me'))
  writeFileSync(join(runsFolder(root), 'notes.txt'), 'mine')
  pruneRuns(root, () => false, 0)
  expect(listRuns(root)).toEqual([])
  expect(existsSync(join(runsFolder(root), 'keep-me'))).toBe(true)
  expect(existsSync(join(runsFolder(root), 'notes.txt'))).toBe(true)
})

test('a project without runs has none', () => {
  expect(listRuns(temporaryFolder())).toEqual([])
  expect(pruneRuns(temporaryFolder(), () => false)).toEqual([])
})

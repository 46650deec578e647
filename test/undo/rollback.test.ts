import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf } from '../../src/support/processes.ts'
import { Actions } from '../../src/undo/actions.ts'
import { headerOf, Log, owedBy, readLog } from '../../src/undo/log.ts'
import { recoverLog } from '../../src/undo/recovery.ts'
import { UndoRegistry } from '../../src/undo/registry.ts'
import { type RollbackOptions, rollBack } from '../../src/undo/rollback.ts'
import type { TargetReference } from '../../src/undo/types.ts'
import { fileTargetModule, restoreFile } from './file-target.ts'

const target: TargetReference = {
  kind: 'kubernetes',
  name: 'files',
  kubeconfig: '',
  context: '',
  namespace: 'default',
}

let folder: string
let log: Log
let registry: UndoRegistry
let options: RollbackOptions
let abort: AbortController
let actions: Actions

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-undo-'))
  registry = await UndoRegistry.load([fileTargetModule])
  options = { registry, target, by: 'worker', deadlineMs: 2000 }
  abort = new AbortController()
  log = openLog('spec.ndjson')
  actions = new Actions({
    log,
    registry,
    file: 'a.chaos.ts',
    caller: () => ({ hypothesis: 'h1', signal: abort.signal }),
  })
})

afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true, force: true })
})

function openLog(name: string): Log {
  const opened = new Log(join(folder, name))
  opened.appendDurably({
    record: 'header',
    version: 1,
    run: '2026-01-01T00-00-00-0001',
    file: 'a.chaos.ts',
    writer: identityOf(process.pid) ?? { pid: process.pid },
    target,
    undoModules: [fileTargetModule],
    root: folder,
  })
  return opened
}

function fileHolding(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

async function write(path: string, text: string): Promise<void> {
  const undo = restoreFile(path, read(path))
  await actions.perform(undo, { title: `write ${text}` }, async () => writeFileSync(path, text))
}

test('the undo is on disk before the action starts', async () => {
  const path = fileHolding('a', 'v1')
  await actions.perform(restoreFile(path, 'v1'), { title: 'write v2' }, async () => {
    expect(owedBy(readLog(log.path)).map(({ undo }) => undo)).toEqual([restoreFile(path, 'v1')])
  })
})

test('undoes the last action first, and owes nothing afterwards', async () => {
  const path = fileHolding('a', 'v1')
  await write(path, 'v2')
  await write(path, 'v3')

  const report = await rollBack(log, options)

  expect(read(path)).toBe('v1')
  expect(report).toMatchObject({ failed: [], undone: [{ outcome: 'undone' }, { outcome: 'undone' }] })
  expect(owedBy(readLog(log.path))).toEqual([])
})

test('undoes an action that threw half-way', async () => {
  const path = fileHolding('a', 'v1')
  const broken = actions.perform(restoreFile(path, 'v1'), { title: 'break' }, async () => {
    writeFileSync(path, 'half')
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  await rollBack(log, options)
  expect(read(path)).toBe('v1')
})

test('a failing undo stays owed, is said, and does not stop the others', async () => {
  const first = fileHolding('first', 'v1')
  const second = fileHolding('second', 'v1')
  await write(first, 'v2')
  await write(second, 'v2')
  writeFileSync(second, 'locked')

  const report = await rollBack(log, { ...options, deadlineMs: 500 })

  expect(read(first)).toBe('v1')
  expect(report.failed).toMatchObject([{ error: { message: 'the file is locked' } }])
  expect(owedBy(readLog(log.path))).toHaveLength(1)
})

test('an undo that hangs is cut at the deadline and stays owed', async () => {
  await actions.perform({ kind: 'file.hanging', args: {} }, { title: 'hang' }, async () => undefined)
  const report = await rollBack(log, { ...options, deadlineMs: 300 })
  expect(report.failed).toMatchObject([{ error: { code: 'CHAOS_ROLLBACK_TIMEOUT' } }])
})

test('an undo is tried again until what was in its way is gone', async () => {
  const path = fileHolding('a', 'v1')
  await write(path, 'v2')
  writeFileSync(path, 'locked')
  const rollingBack = rollBack(log, { ...options, deadlineMs: 10_000 })
  await expect.poll(() => read(log.path)).toContain('"status":"failed"')
  writeFileSync(path, 'v2')
  expect((await rollingBack).failed).toEqual([])
  expect(read(path)).toBe('v1')
})

test('what the target goes on refusing is not tried until the deadline; beside something else it is', async () => {
  const path = fileHolding('a', 'v1')
  const other = fileHolding('b', 'v1')
  await write(path, 'v2')
  writeFileSync(path, 'forbidden')
  let sleptMs = 0
  const sleep = async (milliseconds: number) => {
    sleptMs += milliseconds
  }
  const patient = { ...options, deadlineMs: 600_000, clock: { now: () => 0, sleep } }

  const { failed } = await rollBack(log, patient)
  expect(failed).toMatchObject([{ error: { code: 'CHAOS_FORBIDDEN' } }])
  expect(sleptMs).toBeGreaterThan(5000)
  expect(sleptMs).toBeLessThan(10_000)

  await write(other, 'v2')
  writeFileSync(other, 'locked')
  const unlock = async (milliseconds: number) => {
    await sleep(milliseconds)
    if (sleptMs > 60_000) writeFileSync(other, 'v2')
  }
  const { undone } = await rollBack(log, { ...patient, clock: { now: () => 0, sleep: unlock } })
  expect(undone).toHaveLength(1)
  expect(read(other)).toBe('v1')
  expect(owedBy(readLog(log.path))).toHaveLength(1)
})

test('what is gone counts as undone', async () => {
  const path = fileHolding('a', 'v1')
  await write(path, 'v2')
  rmSync(path)
  expect((await rollBack(log, options)).undone).toMatchObject([{ outcome: 'target-gone' }])
})

test('only what one hypothesis did is undone, when that is asked', async () => {
  const path = fileHolding('a', 'v1')
  await write(path, 'v2')
  expect((await rollBack(log, { ...options, hypothesis: 'another' })).undone).toEqual([])
  expect(read(path)).toBe('v2')
  expect((await rollBack(log, { ...options, hypothesis: 'h1' })).undone).toHaveLength(1)
})

test('an action is refused once the hypothesis was aborted, and nothing is owed for it', async () => {
  const path = fileHolding('a', 'v1')
  abort.abort(new Error('the hypothesis timed out'))
  await expect(write(path, 'v2')).rejects.toMatchObject({
    code: 'CHAOS_ACTION_REFUSED',
    message: expect.stringContaining('the hypothesis timed out'),
  })
  expect(read(path)).toBe('v1')
  expect(owedBy(readLog(log.path))).toEqual([])
})

test('an action is refused while a rollback runs, and after the fence was closed', async () => {
  const path = fileHolding('a', 'v1')
  await actions.whileFenced('a rollback has begun.', async () => {
    await expect(write(path, 'v2')).rejects.toMatchObject({ code: 'CHAOS_ACTION_REFUSED' })
  })
  await write(path, 'v2')
  actions.closeFence('the spec file has ended.')
  await expect(write(path, 'v3')).rejects.toMatchObject({ code: 'CHAOS_ACTION_REFUSED' })
})

test('an undo of an unknown kind is refused before anything happens', async () => {
  let acted = false
  const unknown = actions.perform({ kind: 'nobody.knows', args: {} }, { title: 'act' }, async () => {
    acted = true
  })
  await expect(unknown).rejects.toMatchObject({ code: 'CHAOS_UNDO_UNKNOWN' })
  expect(acted).toBe(false)
})

test('a torn last line is passed over, and the next record starts on a line of its own', async () => {
  const path = fileHolding('a', 'v1')
  await write(path, 'v2')
  appendFileSync(log.path, '{"record":"intent","act')
  const again = new Log(log.path)
  await rollBack(again, options)
  again.close()
  expect(read(path)).toBe('v1')
  expect(owedBy(readLog(log.path))).toEqual([])
  expect(headerOf(readLog(log.path))?.file).toBe('a.chaos.ts')
})

test('the log is readable by its owner only', async () => {
  const { statSync } = await import('node:fs')
  expect(statSync(log.path).mode & 0o777).toBe(0o600)
})

test('another process rolls back a log after it has killed the writer that still runs', async () => {
  const path = fileHolding('a', 'v2')
  const writer = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const died = once(writer, 'exit')
  const orphan = new Log(join(folder, 'orphan.ndjson'))
  orphan.appendDurably({
    record: 'header',
    version: 1,
    run: '2026-01-01T00-00-00-0001',
    file: 'b.chaos.ts',
    writer: identityOf(writer.pid ?? 0) ?? { pid: 0 },
    target,
    undoModules: [fileTargetModule],
    root: folder,
  })
  const undo = restoreFile(path, 'v1')
  orphan.appendDurably({ record: 'intent', at: 0, action: 'a1', title: 'the text of a as it was', undo })
  orphan.close()

  const report = await recoverLog(orphan.path, { by: 'recover', deadlineMs: 2000 })

  expect((await died)[1]).toBe('SIGKILL')
  expect(report.undone).toHaveLength(1)
  expect(read(path)).toBe('v1')
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf } from '../../src/support/processes.ts'
import { Actions } from '../../src/undo/actions.ts'
import { Log, owedBy, readLog } from '../../src/undo/log.ts'
import { recoverLog } from '../../src/undo/recovery.ts'
import { UndoRegistry } from '../../src/undo/registry.ts'
import { type RollbackOptions, rollBack } from '../../src/undo/rollback.ts'
import type { TargetReference } from '../../src/undo/types.ts'
import { awaitRecovery, irreversible } from '../../src/undo/without-undo.ts'
import { fileTargetModule, restoreFile } from './file-target.ts'

const target: TargetReference = { kind: 'lab', name: 'files', kubeconfig: '', context: '', namespace: 'default' }

let path: string
let log: Log
let actions: Actions
let options: RollbackOptions

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-actions-'))
  path = join(folder, 'target')
  writeFileSync(path, 'v1')
  log = new Log(join(folder, 'spec.ndjson'))
  log.appendDurably({
    record: 'header',
    version: 1,
    run: 'run',
    file: 'a.chaos.ts',
    writer: identityOf(process.pid) ?? { pid: process.pid },
    target,
    undoModules: [fileTargetModule],
    root: folder,
  })
  const registry = await UndoRegistry.load([fileTargetModule])
  const { signal } = new AbortController()
  actions = new Actions({ log, registry, file: 'a.chaos.ts', caller: () => ({ signal }) })
  options = { registry, target, by: 'worker', deadlineMs: 2000 }
  return () => rmSync(folder, { recursive: true, force: true })
})

afterEach(() => log.close())

const write = (text: string) =>
  actions.perform(restoreFile(path, 'v1'), { title: `write ${text}` }, async () => writeFileSync(path, text))
const textOf = () => readFileSync(path, 'utf8')

test('while one of two rollbacks runs, actions are refused, whichever ends first', async () => {
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  const rollbacks = [first, second].map(({ promise }) => actions.whileFenced('a rollback has begun.', () => promise))
  first.resolve()
  await rollbacks[0]
  await expect(write('v2')).rejects.toMatchObject({ code: 'CHAOS_ACTION_REFUSED' })
  second.resolve()
  await rollbacks[1]
  await write('v2')
})

test('a fence that was closed during a rollback stays closed', async () => {
  await actions.whileFenced('a rollback has begun.', async () => actions.closeFence('the spec file has ended.'))
  await expect(write('v2')).rejects.toMatchObject({ message: expect.stringContaining('the spec file has ended.') })
})

test('an action that does not end in time is undone, and stays owed as long as it may still act', async () => {
  const gate = Promise.withResolvers<void>()
  const late = actions.perform(restoreFile(path, 'v1'), { title: 'write late' }, async () => {
    writeFileSync(path, 'half')
    await gate.promise
    writeFileSync(path, 'late')
  })
  await expect.poll(textOf).toBe('half')

  const underWay = await actions.settled(20)
  expect(await rollBack(log, { ...options, underWay })).toMatchObject({ failed: [], undone: [{ outcome: 'undone' }] })
  expect(textOf()).toBe('v1')
  expect(owedBy(readLog(log.path))).toHaveLength(1)

  gate.resolve()
  await late
  expect(textOf()).toBe('late')
  await recoverLog(log.path, { by: 'command', deadlineMs: 2000 })
  expect(textOf()).toBe('v1')
  expect(owedBy(readLog(log.path))).toEqual([])
})

test('what is irreversible is written down with its reason, and nothing is owed for it', async () => {
  const why = irreversible('a sent e-mail stays sent')
  expect(await actions.perform(why, { title: 'send an e-mail' }, async () => 42)).toBe(42)
  expect(owedBy(readLog(log.path))).toEqual([])
  const started = readLog(log.path).find((record) => 'type' in record && record.type === 'action-started')
  expect(started).toMatchObject({ title: 'send an e-mail (irreversible: a sent e-mail stays sent)' })
  expect(started).not.toHaveProperty('undo')
})

test('what is irreversible needs a reason', () => {
  expect(() => irreversible(' ')).toThrow(expect.objectContaining({ code: 'CHAOS_IRREVERSIBLE_WHY' }))
})

test('what heals by itself is owed until it has healed', async () => {
  const probe = awaitRecovery({ kind: 'file.healed', args: { path, text: 'v1' } })
  await actions.perform(probe, { title: 'wound it' }, async () => writeFileSync(path, 'wounded'))
  const rollingBack = rollBack(log, options)
  expect(owedBy(readLog(log.path))).toMatchObject([{ title: 'target is healed' }])
  writeFileSync(path, 'v1')
  expect(await rollingBack).toMatchObject({ failed: [], undone: [{ outcome: 'undone' }] })
  expect(owedBy(readLog(log.path))).toEqual([])
})

test('what does not heal stays owed', async () => {
  const probe = awaitRecovery({ kind: 'file.healed', args: { path, text: 'v1' } })
  await actions.perform(probe, { title: 'wound it' }, async () => writeFileSync(path, 'wounded'))
  const { failed } = await rollBack(log, { ...options, deadlineMs: 100 })
  expect(failed).toMatchObject([{ error: { code: 'CHAOS_ROLLBACK_TIMEOUT' } }])
  expect(owedBy(readLog(log.path))).toHaveLength(1)
})

test('what was undone but did not settle is told', async () => {
  const undo = { kind: 'file.restless', args: { path, text: 'v1' } }
  await actions.perform(undo, { title: 'write v2' }, async () => writeFileSync(path, 'v2'))
  const report = await recoverLog(log.path, {
    by: 'command',
    deadlineMs: 300,
    settleUnless: new AbortController().signal,
  })
  expect(report).toMatchObject({ failed: [], unsettled: [{ error: { code: 'CHAOS_NOT_RECOVERED' } }] })
  expect(textOf()).toBe('v1')
})

test('a time of day that jumps gives no undo less time', async () => {
  const jumping = { now: () => Date.now() + Math.random() * 1e9, sleep: async () => undefined }
  await write('locked')
  const rollingBack = rollBack(log, { ...options, clock: jumping })
  writeFileSync(path, 'v2')
  expect((await rollingBack).failed).toEqual([])
  expect(textOf()).toBe('v1')
})

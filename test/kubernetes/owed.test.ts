import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1Secret } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { targetKeeper, undoModuleUrl } from '../../src/kubernetes/undo.ts'
import { systemClock } from '../../src/support/clock.ts'
import { Actions } from '../../src/undo/actions.ts'
import { type HeaderRecord, type IntentRecord, Log, owedBy, readLog } from '../../src/undo/log.ts'
import { recoverOwedRun } from '../../src/undo/owed-runs.ts'
import { UndoRegistry } from '../../src/undo/registry.ts'
import { rollBack } from '../../src/undo/rollback.ts'
import type { Undo } from '../../src/undo/types.ts'
import { createNamespace, type TestNamespace } from './cluster.ts'
import { lab, type TestTarget } from './targets.ts'

const run = '2026-01-01T00-00-00-0001'
const { signal } = new AbortController()

let cluster: TestTarget
let namespace: TestNamespace
let folder: string
let log: Log
let registry: UndoRegistry
let header: HeaderRecord

beforeAll(async () => {
  cluster = await lab.start()
})

beforeEach(async () => {
  namespace = await createNamespace({ ...cluster.target, kind: 'kubernetes' })
  folder = mkdtempSync(join(tmpdir(), 'chaos-owed-'))
  const { target } = namespace
  const writer = { pid: process.pid }
  header = {
    record: 'header',
    version: 1,
    run,
    file: 'a.chaos.ts',
    writer,
    target,
    undoModules: [undoModuleUrl],
    root: folder,
  }
  log = new Log(join(folder, 'spec.ndjson'))
  log.appendDurably(header)
  registry = await UndoRegistry.load([undoModuleUrl])
})

afterEach(async () => {
  log.close()
  rmSync(folder, { recursive: true, force: true })
  await namespace.remove()
})

afterAll(async () => {
  await cluster?.stop()
})

async function secrets(): Promise<V1Secret[]> {
  const { items } = await namespace.core.listNamespacedSecret({
    namespace: namespace.target.namespace,
    labelSelector: 'chaos-test/run',
  })
  return items
}

const owed = () => targetKeeper.owed(namespace.target, { root: folder, signal })

/** An undo of a deployment that is not there: it counts as undone. */
function gone(name: string, template: unknown = {}): Undo {
  const { namespace: where } = namespace.target
  return { kind: 'kubernetes.podTemplate', args: { namespace: where, name, uid: 'none', template } }
}

function actions(): Actions {
  return new Actions({ log, registry, file: 'a.chaos.ts', caller: () => ({ signal }) })
}

function intentOf(action: string, undo: Undo): IntentRecord {
  return { record: 'intent', at: systemClock.now(), action, title: `undo ${action}`, undo }
}

function rollback() {
  return rollBack(log, { registry, target: namespace.target, by: 'worker', deadlineMs: 5000 })
}

test('the cluster remembers an action before it starts, and forgets it when it is undone', async () => {
  const { perform } = actions()
  await perform(gone('one'), { title: 'change one' }, async () => {
    expect(await owed()).toMatchObject([
      { run, live: false, intents: [{ title: 'the pod template of deployment/one as it was' }] },
    ])
  })
  await perform(gone('two'), { title: 'change two' }, async () => undefined)
  const [secret] = await secrets()
  expect(secret).toMatchObject({ type: 'chaos-test/owed', metadata: { labels: { 'chaos-test/run': run } } })
  expect((await owed())[0]?.intents.map(({ undo }) => undo)).toEqual([gone('one'), gone('two')])

  expect((await rollback()).failed).toEqual([])
  expect(await secrets()).toEqual([])
  expect(owedBy(readLog(log.path))).toEqual([])
})

test('an action that the cluster cannot remember does not start', async () => {
  let acted = false
  // Random bytes do not become smaller by being compressed.
  const large = gone('one', randomBytes(1_100_000).toString('base64'))
  const refused = actions().perform(large, { title: 'change one' }, async () => {
    acted = true
  })
  await expect(refused).rejects.toMatchObject({
    code: 'CHAOS_OWED_NOT_KEPT',
    message: expect.stringContaining('was not started'),
  })
  expect(acted).toBe(false)
  expect(await secrets()).toEqual([])
})

test('what another machine has recovered is not undone again', async () => {
  await namespace.addDeployment('web')
  const web = { namespace: namespace.target.namespace, name: 'web' }
  const { metadata, spec } = await namespace.apps.readNamespacedDeployment(web)
  const template = { metadata: { labels: { app: 'web', old: 'yes' } }, spec: spec?.template.spec }
  const undo = { kind: 'kubernetes.podTemplate', args: { ...web, uid: metadata?.uid, template } }
  await actions().perform(undo, { title: 'change web' }, async () => undefined)
  await targetKeeper.record(namespace.target, run).settle((await owed())[0]?.intents[0]?.action ?? '', signal)

  expect((await rollback()).failed).toEqual([])
  const now = await namespace.apps.readNamespacedDeployment(web)
  expect(now.metadata?.generation).toBe(metadata?.generation)
  expect(readLog(log.path)).toContainEqual(
    expect.objectContaining({ type: 'undo-ended', by: 'recovery from another machine' }),
  )
})

test('a Secret that somebody deleted does not keep a run from undoing, while it holds the lock', async () => {
  const lock = await targetKeeper.lock(namespace.target, { run, signal })
  await actions().perform(gone('one'), { title: 'change one' }, async () => undefined)
  const name = (await secrets())[0]?.metadata?.name ?? ''
  await namespace.core.deleteNamespacedSecret({ namespace: namespace.target.namespace, name })
  expect((await rollback()).undone).toMatchObject([{ outcome: 'target-gone' }])
  await lock.release()
})

test('what is owed can be undone without a log, and what nobody here can undo stays owed', async () => {
  const record = targetKeeper.record(namespace.target, run)
  await record.intend(intentOf('ours', gone('one')), header)
  const foreign = { ...header, undoModules: [undoModuleUrl, `file://${folder}/actions/flags.ts`] }
  await record.intend(intentOf('theirs', { kind: 'flag.set', args: {} }), foreign)

  const elsewhere = join(folder, 'elsewhere')
  const [first] = await targetKeeper.owed(namespace.target, { root: elsewhere, signal })
  expect(first?.undoModules).toEqual([undoModuleUrl, `file://${elsewhere}/actions/flags.ts`])
  if (!first) return
  const options = { target: namespace.target, root: elsewhere, by: 'recover' as const, deadlineMs: 5000 }
  const { undone, failed } = await recoverOwedRun(first, options)
  expect(undone).toMatchObject([{ intent: { action: 'ours' } }])
  expect(failed).toMatchObject([{ intent: { action: 'theirs' }, error: { code: 'CHAOS_UNDO_UNKNOWN' } }])
  expect((await owed())[0]?.intents).toMatchObject([{ action: 'theirs' }])
})

test('two that write at the same time lose nothing', async () => {
  const record = targetKeeper.record(namespace.target, run)
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((name) => record.intend(intentOf(name, gone(name)), header)))
  expect((await owed())[0]?.intents.map(({ action }) => action).sort()).toEqual(names)
  await Promise.all(names.map((name) => record.settle(name, signal)))
  expect(await secrets()).toEqual([])
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ChaosEvent } from '../../src/journal/events.ts'
import { EventTail, readEvents } from '../../src/journal/merge.ts'
import { runPaths } from '../../src/journal/runs.ts'
import { temporaryFolder } from './folder.ts'

function runWithLogs(): { folder: string; log(name: string, text: string): void } {
  const folder = temporaryFolder()
  const { logs } = runPaths(folder)
  mkdirSync(logs)
  return { folder, log: (name, text) => appendFileSync(join(logs, `${name}.ndjson`), text) }
}

function tailOf(folder: string, secrets: string[] = []): { tail: EventTail; seen: ChaosEvent[] } {
  const tail = new EventTail(folder, { redaction: { secrets }, intervalMs: 5 })
  onTestFinished(() => tail.stop())
  const seen: ChaosEvent[] = []
  tail.onEvent((event) => seen.push(event))
  return { tail, seen }
}

const notice = (at: number, message: string) => `${JSON.stringify({ type: 'notice', at, message })}\n`
const messages = (events: readonly ChaosEvent[]) =>
  events.map((event) => (event.type === 'notice' ? event.message : ''))

test('events of several logs come out in the order of their time', () => {
  const { folder, log } = runWithLogs()
  log('a', notice(1, 'a1') + notice(4, 'a4'))
  log('b', notice(2, 'b2') + notice(3, 'b3'))
  const { tail, seen } = tailOf(folder)
  tail.stop()
  expect(messages(seen)).toEqual(['a1', 'b2', 'b3', 'a4'])
  expect(readEvents(folder)).toEqual(seen)
})

test('the events of one log keep their order when the clock is set back', () => {
  const { folder, log } = runWithLogs()
  log('a', notice(10, 'first') + notice(5, 'second') + notice(11, 'third'))
  log('b', notice(9, 'other'))
  const { tail, seen } = tailOf(folder)
  tail.stop()
  expect(messages(seen)).toEqual(['other', 'first', 'second', 'third'])
})

test('a torn line is given out when it is complete, and never when its writer died', () => {
  const { folder, log } = runWithLogs()
  const { tail, seen } = tailOf(folder)
  const line = notice(1, 'größe')
  const middle = Buffer.from(line).indexOf('ö') + 1
  const bytes = Buffer.from(line)
  writeFileSync(join(runPaths(folder).logs, 'a.ndjson'), bytes.subarray(0, middle))
  tail.read()
  expect(seen).toEqual([])
  appendFileSync(join(runPaths(folder).logs, 'a.ndjson'), bytes.subarray(middle))
  tail.read()
  expect(messages(seen)).toEqual(['größe'])

  log('a', '{"type":"notice","at":2,"mess')
  log('a', `\n${notice(3, 'after a torn line')}{"type":"notice"`)
  tail.stop()
  expect(messages(seen)).toEqual(['größe', 'after a torn line'])
  expect(readEvents(folder)).toEqual(seen)
})

test('private records and what is no event stay in the log', () => {
  const { folder, log } = runWithLogs()
  const records = [
    { record: 'header', version: 1, target: { kubeconfig: '/home/me/.kube/config' } },
    { record: 'intent', at: 1, action: 'a1', undo: { kind: 'x', args: {} } },
    { record: 'settled', at: 2, type: 'notice', message: 'in disguise' },
    { type: 'invented', at: 3 },
    { type: 'notice', message: 'without a time' },
    { type: 'toString', at: 3 },
    ['notice'],
    null,
  ]
  log('a', records.map((record) => `${JSON.stringify(record)}\n`).join('') + notice(4, 'public'))
  const { tail, seen } = tailOf(folder)
  tail.stop()
  expect(messages(seen)).toEqual(['public'])
  expect(readFileSync(runPaths(folder).events, 'utf8')).toBe(notice(4, 'public'))
})

test('secrets go neither to the file nor to listeners', () => {
  const { folder, log } = runWithLogs()
  const before = { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }], note: 'planted-value' }
  log('a', `${JSON.stringify({ type: 'action-started', at: 1, action: 'a', title: 'scale', before })}\n`)
  const { tail, seen } = tailOf(folder, ['planted-value'])
  tail.stop()
  for (const text of [readFileSync(runPaths(folder).events, 'utf8'), JSON.stringify(seen)]) {
    expect(text).toContain('DB_PASSWORD')
    expect(text).not.toMatch(/hunter2|planted-value/)
  }
})

test('a listener that throws is let go, and a notice tells the others', () => {
  const { folder, log } = runWithLogs()
  const { tail, seen } = tailOf(folder)
  let calls = 0
  tail.onEvent(() => {
    calls++
    throw new Error('broken pipe')
  })
  log('a', notice(1, 'one') + notice(2, 'two'))
  tail.stop()
  expect(calls).toBe(1)
  expect(messages(seen)).toEqual(['one', 'A listener failed at an event: broken pipe', 'two'])
})

test('listeners hear of everything when the events cannot be written any more, and why', () => {
  const { folder, log } = runWithLogs()
  const { tail, seen } = tailOf(folder)
  const { events } = runPaths(folder)
  rmSync(events)
  mkdirSync(events)
  log('a', notice(1, 'one'))
  tail.read()
  log('a', notice(2, 'two'))
  tail.stop()
  expect(messages(seen)).toEqual(['one', expect.stringMatching(/^Events are no longer written .*EISDIR/), 'two'])
})

test('the merge can be done again, and ends once', () => {
  const { folder, log } = runWithLogs()
  log('a', notice(1, 'one'))
  tailOf(folder).tail.stop()
  log('b', notice(0, 'written by who recovered'))
  const { tail } = tailOf(folder)
  tail.stop()
  tail.stop()
  tail.read()
  expect(messages(readEvents(folder))).toEqual(['written by who recovered', 'one'])
})

test('a run without logs has no events', () => {
  const folder = temporaryFolder()
  expect(readEvents(folder)).toEqual([])
  const { tail, seen } = tailOf(folder)
  tail.stop()
  expect(seen).toEqual([])
})

/** Writes 500 events to a log that does not exist yet, with lines torn between two writes, and waits to be ended. */
const writer = `
const { closeSync, mkdirSync, openSync, writeSync } = require('node:fs')
const [folder, name] = process.argv.slice(1)
mkdirSync(folder, { recursive: true })
const log = openSync(folder + '/' + name + '.ndjson', 'a')
let index = 0
const step = () => {
  for (let end = index + 50; index < end; index++) {
    const line = Buffer.from(JSON.stringify({ type: 'notice', at: Date.now(), message: name + ' ünö ' + index }) + '\\n')
    const cut = 1 + (index * 7) % (line.length - 1)
    writeSync(log, line.subarray(0, cut))
    writeSync(log, line.subarray(cut))
  }
  if (index < 500) setTimeout(step, 5)
  else writeSync(log, '{"type":"notice","at":1,"message":"torn')
}
step()
setInterval(() => {}, 1000)
`

function startWriter(folder: string, name: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', writer, runPaths(folder).logs, name], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('it follows logs that other processes write, from before they exist until the writers are killed', async () => {
  const folder = temporaryFolder()
  const { tail, seen } = tailOf(folder)
  tail.start()
  const names = ['one', 'two']
  const writers = names.map((name) => startWriter(folder, name))
  await vi.waitFor(() => expect(seen.length).toBe(1000), { timeout: 20_000, interval: 10 })
  const ended = writers.map((child) => once(child, 'exit'))
  for (const child of writers) child.kill('SIGKILL')
  await Promise.all(ended)
  tail.stop()
  for (const name of names) {
    const own = messages(seen).filter((message) => message.startsWith(name))
    expect(own).toEqual(Array.from({ length: 500 }, (_, index) => `${name} ünö ${index}`))
  }
  expect(readEvents(folder)).toEqual(seen)
})

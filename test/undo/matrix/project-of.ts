import type { Cell } from './table.ts'
import type { CellTarget } from './targets.ts'

/**
 * The project of a cell: its spec says by the file `reached` that it has come to the instant, and waits there for what
 * strikes it, or does it to itself. No time decides anything.
 */
export function filesOf(cell: Cell, target: CellTarget): Record<string, string> {
  return {
    ...target.files,
    'chaos.config.ts': config(cell, target),
    'actions.ts': actions(target),
    'cell.ts': theCell(cell),
    'a.chaos.ts': cell.instant === 'between two files' ? firstOfTwo(target) : specOf(cell, target),
    ...(cell.instant === 'between two files' ? { 'b.chaos.ts': secondOfTwo(target) } : {}),
  }
}

/** Time is short only where the event is that it is over. */
function config({ event }: Cell, target: CellTarget): string {
  const does = event.from === 'spec' ? event.does : ''
  const timeouts = {
    rollback: '30s',
    ...(does.includes('await timeOver') ? { hypothesis: target.timeLimit } : {}),
    ...(does.includes('await hookTimeOver') ? { hook: target.timeLimit } : {}),
  }
  return `export default ${JSON.stringify({ actions: ['actions.ts'], timeouts, ...target.config })}\n`
}

/** Loaded by the worker, the command, the guardian and \`recover\`: it imports nothing of Vitest. */
const actions = ({ undo }: CellTarget) => `
import { writeFileSync } from 'node:fs'
import { at, holdUpTheCommand } from './cell.ts'

export const undoKinds = [
  {
    kind: 'cell.text',
    describe: () => 'the target as it was',
    async undo({ path, text }) {
      await holdUpTheCommand()
      await at('in the rollback of afterAll')
      ${undo}
      return 'undone'
    },
  },
]
`

/** What the spec and its undo share: files, since they run in several processes. */
function theCell({ instant, event }: Cell): string {
  const waits = event.from === 'outside'
  const deaf = waits && event.strike.to === 'terminal' && event.strike.times > 1
  const happens = waits ? (deaf ? 'hearNothing()' : `await until('go')`) : event.does
  return `
import assert from 'node:assert/strict'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const pathOf = (name: string) => join(import.meta.dirname, name)
export const exists = (name: string) => existsSync(pathOf(name))
/** Whole or not at all: somebody waits for it. */
export function say(name: string): void {
  writeFileSync(pathOf(name + '.tmp'), String(process.pid))
  renameSync(pathOf(name + '.tmp'), pathOf(name))
}

/** The instant of this cell: it is reached once, and a later run passes by. */
export async function at(instant: string): Promise<void> {
  if (instant !== ${JSON.stringify(instant)}) return
  if (exists('reached')) return say('go')
  say('reached')
  ;${happens}
}

export async function until(...names: string[]): Promise<void> {
  while (!names.some(exists)) await new Promise((resolve) => setTimeout(resolve, 10))
}

let ended: Promise<unknown> = new Promise(() => {})
/** Gives the signal of the hypothesis to the cell. */
export function ends(signal: AbortSignal): void {
  ended = new Promise((resolve) => signal.addEventListener('abort', resolve))
}
export const timeOver = () => ended
/** A hook is told nothing of its end; afterAll comes after it. */
export const hookTimeOver = () => until('go')

/** Blocks the worker: nothing but SIGKILL ends it. */
function hearNothing(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Where Ctrl-C is pressed three times: the undo of the command hangs, that of the guardian does not. */
export async function holdUpTheCommand(): Promise<void> {
  if (!${waits && event.strike.to === 'terminal' && event.strike.times === 3} || !exists('reached') || exists('held-up')) return
  say('held-up')
  await new Promise(() => {})
}
`
}

const preamble = ({ change }: CellTarget) => `
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, hypothesis, kubernetes, perform, rollback, traffic } from 'chaos-test'
import { at, ends, exists, pathOf, say, until } from './cell.ts'

const path = pathOf('target.txt')
${change}
async function withUsers(): Promise<void> {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const users = traffic({ url: 'http://127.0.0.1:' + server.address().port, rate: '20/s' })
  await users.during(async () => {
    await change('v3')
    await at('during traffic')
  })
}
`

/** All of the experiment, and at its end an action that comes late where the time was over. */
const act = (withTraffic: boolean) => `
async function act(): Promise<void> {
  await at('before the first action')
  await change('v2')
  await at('after the action')
  ${withTraffic ? 'await withUsers()' : ''}
  if (exists('reached')) await change('late').catch(() => {})
}
`

function specOf({ instant, event }: Cell, target: CellTarget): string {
  const place = event.from === 'spec' ? event.place : 'hypothesis'
  if (instant === 'in the rollback of afterAll') return `${preamble(target)}${rolledBack[place]}`
  return `${preamble(target)}${act(instant === 'during traffic')}${places[place]}`
}

const places = {
  hypothesis: `
hypothesis('acts', async ({ signal }) => {
  ends(signal)
  await act()
})
`,
  beforeAll: `
beforeAll(act)
hypothesis('stands by', async () => {})
afterAll(() => say('go'))
`,
  beforeEach: `
beforeEach(act)
hypothesis('stands by', async () => {})
afterAll(() => say('go'))
`,
  afterAll: `
hypothesis('stands by', async () => {})
afterAll(act)
`,
}

const acted = `
beforeAll(async () => {
  await change('v2')
})
hypothesis('stands by', async () => {})
`

const rolledBack = {
  hypothesis: `${acted}afterAll(rollback)\n`,
  beforeAll: `${acted}afterAll(rollback)\n`,
  // A hook of the user's own around the rollback: its limit is that of hooks.
  beforeEach: `${acted}afterAll(async () => {\n  await rollback()\n})\n`,
  // It throws at the instant in which the rollback that it has begun is under way.
  afterAll: `${acted}afterAll(async () => {
  await Promise.all([rollback(), until('reached').then(() => { throw new Error('no end today') })])
})
`,
}

const firstOfTwo = (target: CellTarget) => `${preamble(target)}${act(false)}
hypothesis('acts', async () => {
  await act()
  say('first-acted')
})
`

/** Its top level runs when the first file has ended and nothing of its own has begun. It is collected before, too. */
const secondOfTwo = (target: CellTarget) => `${preamble(target)}
if (exists('first-acted')) await at('between two files')
hypothesis('is the second', async () => {
  await change('v2')
})
`

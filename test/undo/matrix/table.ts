import type { Verdict } from '../../../src/support/errors.ts'

/**
 * The matrix of what may happen to an experiment, as data: when (instant) × what (event). Each cell that can happen says
 * what the run must come to; in all of them the target must read as before, and no process may be left.
 */

export const instants = [
  'before the first action',
  'between intent and action',
  'in the action',
  'after the action',
  'during traffic',
  'in the rollback of afterAll',
  'between two files',
] as const

export type Instant = (typeof instants)[number]

/** The part of a spec in which the cell acts. */
export type Place = 'hypothesis' | 'beforeAll' | 'beforeEach' | 'afterAll'

interface EventBase {
  name: string
  expected: Outcome
  /** Where it comes to something else. */
  exceptions?: Partial<Record<Instant, Outcome>>
  /** Where it cannot happen, and why. */
  impossible?: Partial<Record<Instant, string>>
  /** Set for every process of the run. */
  env?: Record<string, string>
}

/** Happens inside the spec, which does it to itself. */
export interface InnerEvent extends EventBase {
  from: 'spec'
  place: Place
  /** What the spec does at the instant: TypeScript, in an async function. */
  does: string
}

/** Comes from outside, while the spec waits at the instant. */
export interface OuterEvent extends EventBase {
  from: 'outside'
  strike: Strike
}

export type Event = InnerEvent | OuterEvent

/** How a cell is struck from outside. */
export type Strike =
  | { to: 'worker' | 'command' | 'npx' | 'group' | 'everything'; signal: NodeJS.Signals }
  | { to: 'terminal'; times: 1 | 2 | 3 }

/** What a run comes to: the exit code of the command (absent where it is killed), and the verdict of the journal. */
export interface Outcome {
  exitCode?: number
  verdict: Verdict
}

const failed: Outcome = { exitCode: 5, verdict: 'failed' }
const held: Outcome = { exitCode: 0, verdict: 'held' }
const killed: Outcome = { verdict: 'interrupted' }

const hooksOfOneFile = 'a hook belongs to one file: the other instants show it'
const noHypothesis = 'no hypothesis runs then'

const retried = { 'in the rollback of afterAll': held }
const brokenFile = { 'between two files': failed }

/** Node's heap is fixed when a process starts, so all processes of the run get this one. */
const smallHeap = { NODE_OPTIONS: '--max-old-space-size=192' }
const fillHeap = `const hoard: number[][] = []; for (;;) hoard.push(new Array(1e5).fill(Math.random()))`

export const events: readonly Event[] = [
  {
    name: 'an assertion fails',
    from: 'spec',
    place: 'hypothesis',
    does: `assert.fail('not as it should be')`,
    expected: { exitCode: 1, verdict: 'deviated' },
    exceptions: { ...retried, ...brokenFile },
  },
  {
    name: 'something throws',
    from: 'spec',
    place: 'hypothesis',
    does: `throw new TypeError('broken')`,
    expected: failed,
    exceptions: retried,
  },
  {
    name: 'the hypothesis takes too long and acts late',
    from: 'spec',
    place: 'hypothesis',
    does: `await timeOver()`,
    expected: failed,
    impossible: { 'in the rollback of afterAll': noHypothesis, 'between two files': noHypothesis },
  },
  {
    name: 'beforeAll throws',
    from: 'spec',
    place: 'beforeAll',
    does: `throw new Error('no setup today')`,
    expected: failed,
    impossible: { 'in the rollback of afterAll': 'beforeAll has ended', 'between two files': hooksOfOneFile },
  },
  {
    name: 'beforeAll takes too long',
    from: 'spec',
    place: 'beforeAll',
    does: `await hookTimeOver()`,
    expected: failed,
    impossible: { 'in the rollback of afterAll': 'beforeAll has ended', 'between two files': hooksOfOneFile },
  },
  {
    name: 'an afterAll of the user throws',
    from: 'spec',
    place: 'afterAll',
    does: `throw new Error('no end today')`,
    expected: failed,
    impossible: { 'between two files': hooksOfOneFile },
  },
  {
    name: 'a hook takes too long',
    from: 'spec',
    place: 'beforeEach',
    does: `await hookTimeOver()`,
    expected: failed,
    impossible: { 'between two files': hooksOfOneFile },
  },
  {
    name: 'process.exit, which a worker turns into an error',
    from: 'spec',
    place: 'hypothesis',
    does: `process.exit(0)`,
    expected: failed,
    exceptions: retried,
  },
  {
    name: 'process.reallyExit',
    from: 'spec',
    place: 'hypothesis',
    does: `(process as unknown as { reallyExit(code: number): void }).reallyExit(0)`,
    expected: failed,
  },
  { name: 'process.abort', from: 'spec', place: 'hypothesis', does: `process.abort()`, expected: failed },
  {
    name: 'the worker is out of memory',
    from: 'spec',
    place: 'hypothesis',
    does: fillHeap,
    env: smallHeap,
    expected: failed,
  },
  { name: 'SIGKILL of the worker', from: 'outside', strike: { to: 'worker', signal: 'SIGKILL' }, expected: failed },
  { name: 'SIGTERM of the worker', from: 'outside', strike: { to: 'worker', signal: 'SIGTERM' }, expected: held },
  {
    name: 'Ctrl-C once',
    from: 'outside',
    strike: { to: 'terminal', times: 1 },
    expected: { exitCode: 130, verdict: 'interrupted' },
  },
  {
    name: 'Ctrl-C twice, at a worker that does not listen',
    from: 'outside',
    strike: { to: 'terminal', times: 2 },
    expected: { exitCode: 130, verdict: 'interrupted' },
  },
  {
    name: 'Ctrl-C three times, at a worker that does not listen and an undo that hangs',
    from: 'outside',
    strike: { to: 'terminal', times: 3 },
    expected: { exitCode: 130, verdict: 'interrupted' },
    impossible: {
      'before the first action': 'after the second, nothing is owed: the run is over before a third counts',
      'between two files': 'after the second, nothing is owed: the run is over before a third counts',
    },
  },
  {
    name: 'SIGTERM of the command',
    from: 'outside',
    strike: { to: 'command', signal: 'SIGTERM' },
    expected: { exitCode: 143, verdict: 'interrupted' },
  },
  {
    name: 'SIGHUP of the command',
    from: 'outside',
    strike: { to: 'command', signal: 'SIGHUP' },
    expected: { exitCode: 129, verdict: 'interrupted' },
  },
  { name: 'SIGTERM of npx', from: 'outside', strike: { to: 'npx', signal: 'SIGTERM' }, expected: killed },
  { name: 'SIGHUP of npx', from: 'outside', strike: { to: 'npx', signal: 'SIGHUP' }, expected: killed },
  { name: 'SIGKILL of the command', from: 'outside', strike: { to: 'command', signal: 'SIGKILL' }, expected: killed },
  {
    name: 'SIGKILL of the process group',
    from: 'outside',
    strike: { to: 'group', signal: 'SIGKILL' },
    expected: killed,
  },
  {
    name: 'SIGKILL of everything, the guardian too, then the next start',
    from: 'outside',
    strike: { to: 'everything', signal: 'SIGKILL' },
    expected: killed,
  },
]

export interface Cell {
  instant: Instant
  event: Event
  expected: Outcome
}

/** The cells that can happen. */
export const cells: readonly Cell[] = events.flatMap((event) =>
  instants
    .filter((instant) => event.impossible?.[instant] === undefined)
    .map((instant) => ({ instant, event, expected: event.exceptions?.[instant] ?? event.expected })),
)

/** The cells that cannot happen, and why. */
export const impossibleCells: ReadonlyArray<{ instant: Instant; event: Event; why: string }> = events.flatMap((event) =>
  instants.flatMap((instant) => {
    const why = event.impossible?.[instant]
    return why === undefined ? [] : [{ instant, event, why }]
  }),
)

/**
 * The cells that are played in depth, on a lab that outlives the run: each way to die at an instant that is hard for it.
 */
export const cellsInDepth: readonly Cell[] = (
  [
    ['an assertion fails', 'during traffic'],
    ['something throws', 'in the action'],
    ['the hypothesis takes too long and acts late', 'after the action'],
    ['process.reallyExit', 'during traffic'],
    ['the worker is out of memory', 'after the action'],
    ['SIGKILL of the worker', 'in the rollback of afterAll'],
    ['Ctrl-C once', 'during traffic'],
    ['Ctrl-C twice, at a worker that does not listen', 'in the action'],
    ['SIGTERM of the command', 'in the action'],
    ['SIGKILL of the command', 'during traffic'],
    ['SIGKILL of the process group', 'in the rollback of afterAll'],
    ['SIGKILL of everything, the guardian too, then the next start', 'after the action'],
  ] as const satisfies ReadonlyArray<readonly [event: string, instant: Instant]>
).map(([event, instant]) => cellOf(event, instant))

function cellOf(event: string, instant: Instant): Cell {
  const found = cells.find((cell) => cell.event.name === event && cell.instant === instant)
  if (!found) throw new Error(`There is no cell ${event} × ${instant}.`)
  return found
}

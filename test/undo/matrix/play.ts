import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/support/clock.ts'
import { type OnTestFinished, Project, type RunningCommand } from '../../support/project.ts'
import { filesOf } from './project-of.ts'
import type { Cell, Instant, Outcome, Strike } from './table.ts'
import type { CellTarget } from './targets.ts'

/** What is there when a cell has been played. */
export interface Observation extends Outcome {
  /** What its owner has set the target to. */
  target: string
  /** What the users of the target get. */
  users: string
  processesLeft: number
}

/** What every cell must come to: the target reads as before, and nobody is left. */
export function mustBe({ exitCode, verdict }: Outcome): Observation {
  return { ...(exitCode === undefined ? {} : { exitCode }), verdict, target: 'v1', users: 'v1', processesLeft: 0 }
}

/** Where nothing has been done to the target yet, or nothing any more. */
const unchangedAt: readonly Instant[] = ['before the first action', 'between intent and action', 'between two files']

/** Plays a cell with the real command in a project of its own. */
export async function play(cell: Cell, target: CellTarget, whenFinished: OnTestFinished): Promise<Observation> {
  const project = new Project(filesOf(cell, target), whenFinished)
  await target.start(project)
  try {
    return await observe(cell, target, project)
  } finally {
    await target.end(project)
  }
}

async function observe({ event, expected, instant }: Cell, target: CellTarget, project: Project): Promise<Observation> {
  const strike = event.from === 'outside' ? event.strike : undefined
  const command = start(project, target, strike, event.env)
  await until(() => existsSync(project.path('reached')) || hasEnded(command))
  if (!existsSync(project.path('reached'))) throw new Error(`The instant was not reached.\n${outputOf(command)}`)
  if (strike) {
    if (((await target.read(project)) === 'v1') !== unchangedAt.includes(instant)) throw new Error('Another instant.')
    await carryOut(strike, project, command)
  }
  const { exitCode } = await command.ended
  const left = () => project.survivors().filter((pid) => !target.owns(pid))
  await until(() => left().length === 0)
  const [run] = readdirSync(project.path('.chaos/runs'))
  if (strike?.to === 'everything') await project.run(target.args)
  // What was undone without a worker that could wait for it may still be on its way to the users.
  await until(async () => (await target.serves(project)) === 'v1').catch(() => undefined)
  return {
    ...(expected.exitCode === undefined ? {} : { exitCode: exitCode ?? -1 }),
    verdict: JSON.parse(project.read(join('.chaos/runs', run ?? '', 'journal.json'))).verdict,
    target: await target.read(project),
    users: await target.serves(project),
    processesLeft: left().length,
  }
}

function start(
  project: Project,
  { args }: CellTarget,
  strike: Strike | undefined,
  env: Record<string, string> = {},
): RunningCommand {
  if (strike?.to === 'terminal') return project.startOnTerminal(args, env)
  if (strike?.to === 'npx') return project.startByNpx(args, env)
  return project.start(args, env)
}

async function carryOut(strike: Strike, project: Project, command: RunningCommand): Promise<void> {
  if (strike.to === 'terminal') await press(strike.times, project, command)
  else for (const pid of await processesOf(strike.to, project, command)) kill(pid, strike.signal)
  // What still waits at the instant may go on: after a gentle signal when it was heard, else never.
  const gentle = strike.to === 'terminal' ? strike.times === 1 : strike.signal !== 'SIGKILL'
  if (!gentle) return
  if (strike.to !== 'worker') await until(() => interruptedAt(project) !== undefined)
  project.write({ go: '' })
}

/** The last first: nobody who sees another die may do anything any more. */
async function processesOf(
  to: Exclude<Strike['to'], 'terminal'>,
  project: Project,
  command: RunningCommand,
): Promise<number[]> {
  const started = command.process.pid ?? 0
  if (to === 'worker') return [Number(project.read('reached'))]
  if (to === 'group') return [-started]
  if (to === 'everything') return [guardianOf(project), -started]
  return [started]
}

/** Ctrl-C on the terminal: one more when the one before has been heard and a second has passed. */
async function press(times: number, project: Project, command: RunningCommand): Promise<void> {
  const ctrlC = () => command.process.stdin?.write('\x03')
  ctrlC()
  if (times === 1) return
  await until(() => interruptedAt(project) !== undefined)
  await until(() => Date.now() - (interruptedAt(project) ?? 0) > 1000)
  ctrlC()
  if (times === 2) return
  await until(() => existsSync(project.path('held-up')))
  const heldUpAt = Date.now()
  await until(() => Date.now() - heldUpAt > 1000)
  ctrlC()
}

/** When the command has heard of its first signal. */
function interruptedAt(project: Project): number | undefined {
  const [run] = readdirSync(project.path('.chaos/runs'))
  const log = project.path(join('.chaos/runs', run ?? '', 'logs/command.ndjson'))
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"interrupted"'))
  return lines[0] === undefined ? undefined : JSON.parse(lines[0]).at
}

export function guardianOf(project: Project): number {
  const [run] = readdirSync(project.path('.chaos/runs'))
  return JSON.parse(project.read(join('.chaos/runs', run ?? '', 'owners.json'))).guardian.pid
}

function kill(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal)
}

function hasEnded({ process }: RunningCommand): boolean {
  return process.exitCode !== null || process.signalCode !== null
}

function outputOf({ stdout, stderr }: RunningCommand): string {
  return `${stdout}\n${stderr}`
}

/** @throws when the condition does not come within 90 s */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 90_000
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`It never came to be: ${condition}`)
    await systemClock.sleep(20)
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { randomFrom } from '../../src/support/random.ts'
import { owes } from '../../src/undo/recovery.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project, type RunningCommand } from '../support/project.ts'

// Kills the worker, the command or everything of a run at a random instant, and looks whether the target was put back:
// `npm run soak:kill -- --runs 200 --seed 1`. The same seed plays the same victims at the same instants.

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '25' }, seed: { type: 'string', default: '1' } },
})
const random = randomFrom(Number(values.seed))
const victims = ['worker', 'command', 'group', 'everything'] as const
type Victim = (typeof victims)[number]

interface Life {
  run: number
  victim: Victim
  /** The share of an undisturbed run after which it is struck. */
  instant: number
}

interface Restoration {
  life: Life
  /** Empty when the target was put back, by a run that came to its end. */
  amiss: string[]
  tookMs: number
}

/** Two hypotheses that act all the time. */
const acting = `
for (const name of ['first', 'second']) {
  hypothesis('is the ' + name, async () => {
    for (let version = 2; version < 20; version++) {
      await setTarget('v' + version)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })
}
afterAll(rollback)
`

const lives: Life[] = Array.from({ length: Number(values.runs) }, (_, run) => ({
  run,
  victim: victims[Math.floor(random() * victims.length)] ?? 'everything',
  instant: random(),
}))
const undisturbedMs = await inProject(async (project) => {
  const startedAt = performance.now()
  await project.run([])
  return performance.now() - startedAt
})
const restorations: Restoration[] = []
const waiting = [...lives]
// Two at a time: much of a run is waiting for processes to start.
await Promise.all([playAll(), playAll()])

const restored = restorations.filter(({ amiss }) => amiss.length === 0)
for (const { life, amiss } of restorations.filter(({ amiss }) => amiss.length > 0)) {
  const { run, victim, instant } = life
  console.error(`run ${run}, ${victim} killed after ${percent(instant)} of a run: ${amiss.join(', ')}`)
}
const slowest = restorations.toSorted((a, b) => b.tookMs - a.tookMs)[0]
console.log(`restored ${restored.length}/${restorations.length}`)
if (slowest)
  console.log(`slowest_restoration ${Math.round(slowest.tookMs)} ms (run ${slowest.life.run}, ${slowest.life.victim})`)
process.exit(restored.length === lives.length ? 0 : 1)

async function playAll(): Promise<void> {
  for (let life = waiting.shift(); life; life = waiting.shift()) {
    const played = life
    restorations.push(await inProject((project) => play(played, project)))
  }
}

async function play(life: Life, project: Project): Promise<Restoration> {
  const command = project.start([])
  await Promise.race([delay(life.instant * undisturbedMs), command.ended])
  const struckAt = performance.now()
  strike(life.victim, project, command)
  await command.ended
  const amiss = () => [
    ...(project.read('target.txt') === 'v1' ? [] : ['the target is changed']),
    ...(runsOf(project).some(owes) ? ['something is owed'] : []),
  ]
  if (life.victim === 'everything') {
    await waitFor(() => project.survivors().length === 0)
    await project.run(['recover'])
  }
  await waitFor(() => amiss().length === 0)
  const tookMs = performance.now() - struckAt
  await waitFor(() => project.survivors().length === 0)
  return { life, tookMs, amiss: [...amiss(), ...leftBy(project)] }
}

/** What has not come to be yet, or is gone already, cannot be struck: then it is the command's turn, if that still runs. */
function strike(victim: Victim, project: Project, command: RunningCommand): void {
  const { pid } = command.process
  if (pid === undefined || command.process.exitCode !== null) return
  if (victim === 'worker') kill(workerOf(project) ?? pid)
  if (victim === 'command') kill(pid)
  if (victim === 'group') kill(-pid)
  if (victim === 'everything') for (const each of [guardianOf(project), -pid]) if (each) kill(each)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function workerOf(project: Project): number | undefined {
  return project.survivors().find((pid) => commandLineOf(pid).includes('vitest/dist/workers/forks'))
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function guardianOf(project: Project): number | undefined {
  const owners = runsOf(project)
    .map((folder) => join(folder, 'owners.json'))
    .find(existsSync)
  return owners === undefined ? undefined : JSON.parse(readFileSync(owners, 'utf8')).guardian?.pid
}

function runsOf(project: Project): string[] {
  const folder = project.path('.chaos/runs')
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

/** Whoever brought a run to its end has left no process, and has written its journal. */
function leftBy(project: Project): string[] {
  const unended = runsOf(project).filter((folder) => !existsSync(join(folder, 'journal.json')))
  return [
    ...project.survivors().map((pid) => `process ${pid} is left`),
    ...unended.map((folder) => `no journal in ${folder}: ${readdirSync(folder).join(' ')}`),
  ]
}

async function inProject<T>(work: (project: Project) => Promise<T>): Promise<T> {
  const cleanUps: Array<() => void> = []
  try {
    const project = new Project({}, (cleanUp) => cleanUps.push(cleanUp))
    addFileSpec(project, 'a.chaos.ts', acting, { target: 'lab' })
    addFileSpec(project, 'b.chaos.ts', acting, { target: 'lab' })
    project.write({
      'chaos.config.ts': `export default { actions: ['actions.ts'], lab: { atATime: 1 } }`,
    })
    return await work(project)
  } finally {
    for (const cleanUp of cleanUps.reverse()) cleanUp()
  }
}

/** Waits until it is so, or for 30 s: then what is wrong is told by whoever looks next. */
async function waitFor(condition: () => boolean): Promise<void> {
  for (const giveUpAt = Date.now() + 30_000; !condition() && Date.now() < giveUpAt; ) await delay(5)
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChaosEvent } from '../src/journal/events.ts'
import { Actions } from '../src/undo/actions.ts'
import { Log, readLog } from '../src/undo/log.ts'
import { logsOf } from '../src/undo/recovery.ts'
import { UndoRegistry } from '../src/undo/registry.ts'
import { Project, type RunningCommand, repository } from '../test/support/project.ts'

interface Figure {
  name: string
  value: number
  unit: string
}

const rounds = 5

/** What the guarantee costs, and how long a target stays changed after a death: medians. */
export async function* measure(): AsyncIterable<Figure> {
  const worker = await deaths((_, acted) => process.kill(acted, 'SIGKILL'))
  yield ms('worker_killed_undone', worker.undone)
  yield ms('worker_killed_recovered', worker.recovered)
  const command = await deaths(({ process: { pid = 0 } }) => process.kill(pid, 'SIGKILL'))
  yield ms('command_killed_undone', command.undone)
  yield ms('recover_nothing_owed', await recoverWithNothingOwed())
  const cost = await costOfAnAction()
  yield ms('action_with_durable_intent', cost.durable)
  yield ms('action_without_intent', cost.bare)
}

interface Death {
  /** From the kill until the undo was written and read back. */
  undone: number[]
  /** From the kill until the rollout back was complete. */
  recovered: number[]
}

/** Kills in the middle of a rollout on a lab. */
async function deaths(kill: (command: RunningCommand, worker: number) => void): Promise<Death> {
  const death: Death = { undone: [], recovered: [] }
  for (let round = 0; round < rounds; round++) {
    await inProject(rollout, async (project) => {
      const command = project.start([])
      const acted = await until(() => textOf(project, 'acted'))
      const killedAt = Date.now()
      kill(command, Number(acted))
      await command.ended
      await until(() => (project.survivors().length === 0 ? 'gone' : undefined))
      const records = project
        .list('.chaos/runs')
        .flatMap((run) => logsOf(project.path(`.chaos/runs/${run}`)).flatMap(readLog))
      const settled = records.find((record) => 'record' in record && record.record === 'settled')
      const ended = records.find(
        (record): record is ChaosEvent => 'type' in record && record.type === 'hypothesis-ended',
      )
      if (!settled || !ended) throw new Error('The target was not put back.')
      death.undone.push(settled.at - killedAt)
      death.recovered.push(ended.at - killedAt)
    })
  }
  return death
}

const app = (name: string) => join(repository, 'specs/rollout/app', `${name}.ts`)

const rollout = {
  'chaos.config.ts': `
const image = (path: string) => ({ command: ['node', path], env: { VERSION: '{tag}' } })
export default {
  lab: {
    images: { 'counter/service1': image('${app('service1')}'), 'counter/service2': image('${app('service2')}') },
    manifests: ['${join(repository, 'specs/rollout/manifests')}'],
  },
}
`,
  'a.chaos.ts': `
import { renameSync, writeFileSync } from 'node:fs'
import { hypothesis, kubernetes } from 'chaos-test'

hypothesis('is cut in the middle of a rollout', async () => {
  await kubernetes.deployment('service2').setImage('service2', 'counter/service2:v2')
  writeFileSync('acted.tmp', String(process.pid))
  renameSync('acted.tmp', 'acted')
  await new Promise(() => {})
})
`,
}

async function recoverWithNothingOwed(): Promise<number[]> {
  const times: number[] = []
  await inProject({}, async (project) => {
    for (let round = 0; round < 3 * rounds; round++) {
      const startedAt = performance.now()
      const { exitCode } = await project.run(['recover'])
      times.push(performance.now() - startedAt)
      if (exitCode !== 0) throw new Error(`chaos-test recover ended with ${exitCode}.`)
    }
  })
  return times
}

/** What `perform` adds to an action that takes no time, with its intent on disk, and what calling it alone takes. */
async function costOfAnAction(): Promise<{ durable: number[]; bare: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  const log = new Log(join(folder, 'log.ndjson'))
  try {
    const registry = await UndoRegistry.load([new URL('../test/undo/file-target.ts', import.meta.url).href])
    const { signal } = new AbortController()
    const actions = new Actions({ log, registry, file: 'bench', caller: () => ({ signal }) })
    const act = async () => undefined
    const undo = { kind: 'file.text', args: { path: join(folder, 'target'), text: 'v1' } }
    return {
      durable: await timesOf(() => actions.perform(undo, { title: 'act' }, act)),
      bare: await timesOf(act),
    }
  } finally {
    log.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function timesOf(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < 200; round++) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return times
}

async function inProject(files: Record<string, string>, work: (project: Project) => Promise<void>): Promise<void> {
  const cleanUps: Array<() => void> = []
  try {
    await work(new Project(files, (cleanUp) => cleanUps.push(cleanUp)))
  } finally {
    for (const cleanUp of cleanUps.reverse()) cleanUp()
  }
}

function textOf(project: Project, name: string): string | undefined {
  try {
    return readFileSync(project.path(name), 'utf8')
  } catch {
    return undefined
  }
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt; ) {
    const seen = look()
    if (seen !== undefined) return seen
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`It never came to be: ${look}`)
}

function ms(name: string, values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  return { name, value: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, unit: 'ms' }
}

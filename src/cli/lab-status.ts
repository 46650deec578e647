import chalk from 'chalk'
import { type LabOverview, labOverview, type NamedLab, namedLabs, type RunningLab } from '../lab/index.ts'
import { runningLab } from '../runner/named-lab.ts'
import { systemClock } from '../support/clock.ts'
import { messageOf } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import { type LabHolder, labHolder } from '../undo/lab-lock.ts'

/** A lab as `lab status --json` shows it. */
interface LabStatus extends Partial<LabOverview> {
  name: string
  state: NamedLab['state']
  pid?: number
  slot?: number
  startedAt?: string
  kubeconfig?: string
  prometheusUrl?: string
  otlpUrl?: string
  /** The run that acts on it. */
  heldBy?: { run: string; pid: number; since: string }
  /** Why it could not be asked what runs in it. */
  problem?: string
}

/** Shows the labs of the project, and what runs in them. @returns the exit code */
export async function labStatusCommand(
  name: string | undefined,
  { json = false }: { json?: boolean },
): Promise<number> {
  const root = process.cwd()
  const labs = namedLabs(root).filter((lab) => name === undefined || lab.name === name)
  if (name !== undefined && labs.length === 0) runningLab(root, name)
  const statuses = await Promise.all(labs.map(statusOf))
  if (json) console.log(JSON.stringify(statuses, null, 2))
  else if (statuses.length > 0) console.log(statuses.map(picture).join('\n\n'))
  else console.log('No lab of this project has a name. "chaos-test lab up NAME --detach" starts one.')
  return 0
}

async function statusOf(lab: NamedLab): Promise<LabStatus> {
  const { name, state } = lab
  if (lab.state === 'gone') return { name, state }
  if (lab.state === 'starting') return { name, state, pid: lab.process.pid }
  const holder = labHolder(lab)
  const { pid, slot, kubeconfig, prometheusUrl, otlpUrl } = lab.info
  const startedAt = new Date(lab.startedAt).toISOString()
  return {
    ...{ name, state, pid, slot, startedAt, kubeconfig, prometheusUrl, otlpUrl },
    ...(holder ? { heldBy: holderView(holder) } : {}),
    ...(await contentsOf(lab)),
  }
}

function holderView({ run, pid, since }: LabHolder): LabStatus['heldBy'] & object {
  return { run, pid, since: new Date(since).toISOString() }
}

async function contentsOf({ info }: RunningLab): Promise<LabOverview | { problem: string }> {
  try {
    return await labOverview(info.kubeconfig)
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

function picture(status: LabStatus): string {
  const { name, nodes = [], deployments = [], pods = [], heldBy, problem } = status
  const nodeRows = nodes.map((node) => [node.name, node.state, `${node.pods} pods`])
  const deploymentRows = deployments.map(({ namespace, name, ready, desired, images }) => [
    `${namespace}/${name}`,
    `${ready}/${desired} ready`,
    images.join(', '),
  ])
  const podRows = pods.map(({ namespace, name, phase, ready, restarts }) => [
    `${namespace}/${name}`,
    phase === 'Running' && !ready ? 'Running, not ready' : phase,
    restarts > 0 ? `${restarts} restarts` : '',
  ])
  return [
    `${chalk.bold(name)}  ${headline(status)}`,
    ...(heldBy ? [`  in use by run ${heldBy.run} (process ${heldBy.pid}) since ${heldBy.since}`] : []),
    ...(status.kubeconfig === undefined ? [] : [chalk.dim(`  ${status.kubeconfig}`)]),
    ...(problem === undefined ? [] : [chalk.red(`  ${problem}`)]),
    ...section('nodes', nodeRows),
    ...section('deployments', deploymentRows),
    ...section('pods', podRows),
  ].join('\n')
}

function headline({ name, state, pid, slot, startedAt }: LabStatus): string {
  if (state === 'gone') {
    return chalk.red(`gone: its process has died. "chaos-test lab up ${name} --detach" starts it again.`)
  }
  if (state === 'starting' || startedAt === undefined) return `starting, pid ${pid}`
  const age = formatMilliseconds(systemClock.now() - Date.parse(startedAt))
  return `${chalk.green('up')} for ${age}, pid ${pid}, slot ${slot}`
}

/** Rows in columns under a title; nothing where there are none. */
function section(title: string, rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return rows.length > 0 ? [`  ${chalk.dim(title)}`, ...lines.map((line) => `    ${line.trimEnd()}`)] : []
}

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import chalk from 'chalk'
import { loadConfig } from '../config/load.ts'
import {
  endNamedLab,
  findNamedLab,
  isLabName,
  type Lab,
  type LabInfo,
  type LabOptions,
  labNameRule,
  mostLabNodes,
  startLab,
  startNamedLab,
} from '../lab/index.ts'
import { runningLab } from '../runner/named-lab.ts'
import { ChaosError, usageError } from '../support/errors.ts'
import { labHolder } from '../undo/lab-lock.ts'

export interface LabUpFlags {
  config?: string
  manifests?: string[]
  detach?: boolean
  nodes?: string
}

type HomelessLab = Omit<LabOptions, 'home' | 'name'>

/** Starts a lab, and keeps it until a signal or leaves it running. @returns the exit code */
export async function labUpCommand(name: string | undefined, flags: LabUpFlags): Promise<number> {
  const root = process.cwd()
  if (name !== undefined) requireLabName(name)
  const { lab: config } = await loadConfig(root, flags.config)
  const manifests = flags.manifests?.map((path) => resolve(root, path)) ?? config.manifests
  const { atATime: _, ...settings } = config
  const options = {
    ...settings,
    ...(flags.nodes === undefined ? {} : { nodes: nodeCount(flags.nodes) }),
    manifests,
    root,
  }
  if (flags.detach) return await leaveRunning(name, options)
  return name === undefined ? await keepUnnamed(options) : await keepNamed(name, options)
}

/** Starting one that runs already changes nothing: whoever asks for it has it. */
async function leaveRunning(name: string | undefined, options: HomelessLab): Promise<number> {
  if (name === undefined) {
    throw usageError(
      'CHAOS_LAB_NOT_NAMED',
      'A lab that is left running needs a name, by which it is used and ended: chaos-test lab up NAME --detach',
    )
  }
  const found = findNamedLab(options.root, name)
  if (found?.state === 'running') {
    console.log(welcome(`The lab "${name}" is up already; its manifests were not applied again.`, found.info))
    console.log(usage(name))
    return 0
  }
  console.error(chalk.dim(`Starting the lab "${name}" …`))
  const lab = await startNamedLab({ ...options, name })
  await lab.letGo()
  console.log(welcome(`The lab "${name}" is up.`, lab.info))
  console.log(usage(name))
  return 0
}

async function keepNamed(name: string, options: HomelessLab): Promise<number> {
  const exitCode = await keep(() => startNamedLab({ ...options, name }), name)
  const ended = findNamedLab(options.root, name)
  if (ended?.state === 'gone') await endNamedLab(ended)
  return exitCode
}

async function keepUnnamed(options: HomelessLab): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'chaos-test-lab-'))
  try {
    return await keep(() => startLab({ ...options, name: 'lab', home }), 'lab')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** @throws CHAOS_LAB_DIED when it ends before anybody wants it to */
async function keep(start: () => Promise<Lab>, name: string): Promise<number> {
  const signalled = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
  console.error(chalk.dim('Starting a lab …'))
  const lab = await start()
  console.log(welcome('A lab is up: the Kubernetes API over plain processes, no containers.', lab.info))
  console.log(chalk.dim('Ctrl-C ends it.'))
  const endedItself = await Promise.race([signalled.then(() => undefined), lab.ended])
  if (endedItself === false) {
    throw new ChaosError('CHAOS_LAB_DIED', `The process of the lab "${name}" has died, and all its pods with it.`)
  }
  await lab.stop()
  return 0
}

/** Ends a lab and all its pods, also one that hangs. @returns the exit code */
export async function labDownCommand(name: string): Promise<number> {
  const lab = findNamedLab(process.cwd(), name) ?? runningLab(process.cwd(), name)
  const holder = labHolder(lab)
  if (holder) console.error(chalk.yellow(`Run ${holder.run} (process ${holder.pid}) was using it.`))
  const outcome = await endNamedLab(lab)
  const words = {
    ended: 'has ended, with all its pods',
    killed: 'did not end when it was told to, and was killed with all its pods',
    gone: 'had died before; its name is free again',
  }
  console.log(`${chalk.green('✓')} The lab "${name}" ${words[outcome]}.`)
  return 0
}

/** Prints where the kubeconfig of a lab is. @returns the exit code */
export async function labKubeconfigCommand(name: string): Promise<number> {
  console.log(runningLab(process.cwd(), name).info.kubeconfig)
  return 0
}

/** @throws CHAOS_BAD_NODE_COUNT (usage) */
function nodeCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= mostLabNodes) return count
  throw usageError(
    'CHAOS_BAD_NODE_COUNT',
    `A lab has 1 to ${mostLabNodes} nodes, and "--nodes ${text}" asks for another number. Write --nodes 2, or leave it out.`,
  )
}

function requireLabName(name: string): void {
  if (isLabName(name)) return
  throw usageError('CHAOS_BAD_LAB_NAME', `"${name}" is not a name for a lab. Use ${labNameRule}.`)
}

function welcome(title: string, { kubeconfig, prometheusUrl }: LabInfo): string {
  return [
    `${chalk.green('✓')} ${title}`,
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get deploy,rs,pods',
    '',
    `  Prometheus API   ${prometheusUrl}`,
    '  Addresses        198.18.x.y of the cluster is 127.18.x.y on this machine',
    '',
  ].join('\n')
}

function usage(name: string): string {
  return [`  chaos-test --target lab:${name}   runs specs on it`, `  chaos-test lab down ${name}       ends it`].join(
    '\n',
  )
}

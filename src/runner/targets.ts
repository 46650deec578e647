import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedConfig } from '../config/load.ts'
import type { Guardian } from '../guardian/guardian.ts'
import type { LabInfo } from '../lab/index.ts'
import type { HttpAccess } from '../support/http-access.ts'
import { identityOf } from '../support/processes.ts'
import type { TargetReference } from '../undo/types.ts'
import { NamedClusterSource, type TargetListener } from './named-cluster.ts'
import { NamedLabSource } from './named-lab.ts'
import { NoClusterSource } from './no-cluster.ts'

/** What a spec file acts on, and where to ask what happened. */
export interface Target {
  reference: TargetReference
  prometheusUrl?: string
  prometheusAccess?: HttpAccess
  /** Where the target collects spans. */
  otlpUrl?: string
  /** The spans that it has collected before are of others: milliseconds since the epoch. */
  spansSinceMs?: number
}

/** Where the spec files of a run get their targets. */
export interface TargetSource {
  /** How many spec files can have a target at a time. */
  readonly atATime: number
  /** Whether the files act on the same target, one after the other. */
  readonly isShared: boolean
  /** Makes ready what will be needed. @throws what keeps every file from having a target */
  prepare(files: number): Promise<void>
  acquire(file: string): Promise<Target>
  /** The file has ended and its target is as it was. */
  release(file: string): Promise<void>
  /** The run has ended: what it held of its targets is free for others. */
  close(): Promise<void>
}

/** What the targets of a run need of it. */
export interface TargetRun {
  guardian: Guardian
  runFolder: string
  listener: TargetListener
  /** Whether it changes its targets: one that only looks takes no lock, and undoes nothing for others. */
  writes: boolean
}

export function targetSource(config: ResolvedConfig, run: TargetRun): TargetSource {
  const { target } = config
  const { guardian, runFolder } = run
  if (target === 'lab') return new LabSource(config, guardian, runFolder)
  if (target === 'none') return new NoClusterSource(config)
  return 'lab' in target ? new NamedLabSource(target.lab, config, run) : new NamedClusterSource(target, config, run)
}

/** A lab of its own for each file, so that files run side by side. */
class LabSource implements TargetSource {
  readonly atATime: number
  readonly isShared = false
  readonly #config: ResolvedConfig
  readonly #guardian: Guardian
  readonly #runFolder: string
  /** Labs that no file has yet. */
  readonly #ready: Array<Promise<LabInfo>> = []
  readonly #taken = new Map<string, Promise<LabInfo>>()
  #started = 0

  constructor(config: ResolvedConfig, guardian: Guardian, runFolder: string) {
    this.#config = config
    this.#guardian = guardian
    this.#runFolder = runFolder
    this.atATime = config.lab.atATime
  }

  async prepare(files: number): Promise<void> {
    while (this.#ready.length < Math.min(files, this.atATime)) this.#ready.push(this.#start())
    await Promise.all(this.#ready)
  }

  async acquire(file: string): Promise<Target> {
    const lab = this.#ready.shift() ?? this.#start()
    this.#taken.set(file, lab)
    const { name, kubeconfig, pid, prometheusUrl, otlpUrl } = await lab
    const process = identityOf(pid) ?? { pid }
    return {
      reference: { kind: 'lab', name, kubeconfig, context: 'lab', namespace: 'default', process },
      prometheusUrl,
      otlpUrl,
    }
  }

  async release(file: string): Promise<void> {
    const lab = this.#taken.get(file)
    this.#taken.delete(file)
    if (lab) await this.#guardian.stopLab((await lab).name)
  }

  async close(): Promise<void> {}

  async #start(): Promise<LabInfo> {
    const { atATime: _, ...settings } = this.#config.lab
    this.#started += 1
    const name = `lab-${this.#started}`
    const home = join(this.#runFolder, name)
    mkdirSync(home, { recursive: true, mode: 0o700 })
    return await this.#guardian.startLab({ ...settings, name, root: this.#config.root, home })
  }
}

import { basename } from 'node:path'
import type { ResolvedConfig } from '../config/load.ts'
import { findOrphans, recoverOrphans } from '../guardian/orphans.ts'
import { findNamedLab, namedLabs, type RunningLab } from '../lab/index.ts'
import type { Claim } from '../support/claims.ts'
import { systemClock } from '../support/clock.ts'
import { ChaosError, usageError } from '../support/errors.ts'
import { isRunning } from '../support/processes.ts'
import { lockLab } from '../undo/lab-lock.ts'
import { owedActions } from '../undo/recovery.ts'
import type { Target, TargetRun, TargetSource } from './targets.ts'
import { Turns } from './turns.ts'

/**
 * The lab of a name, when it is ready.
 *
 * @throws CHAOS_NO_SUCH_LAB (usage), which lists those that run
 */
export function runningLab(projectRoot: string, name: string): RunningLab {
  const lab = findNamedLab(projectRoot, name)
  if (lab?.state === 'running') return lab
  const running = namedLabs(projectRoot).filter(({ state }) => state === 'running')
  const found = { gone: 'has died', starting: 'is not ready yet', none: 'is not there' }[lab?.state ?? 'none']
  throw usageError(
    'CHAOS_NO_SUCH_LAB',
    `The lab "${name}" of ${projectRoot} ${found}. Running: ${running.map((each) => each.name).join(', ') || 'none'}. "chaos-test lab up ${name} --detach" starts one of that name.`,
  )
}

/** A lab with an owner of its own, by its name: used by one run at a time, by one file after the other, and left as it was. */
export class NamedLabSource implements TargetSource {
  readonly atATime = 1
  readonly isShared = true
  readonly #name: string
  readonly #config: ResolvedConfig
  readonly #runFolder: string
  readonly #writes: boolean
  readonly #turns = new Turns()
  #taken: Promise<RunningLab> | undefined
  #lock: Claim | undefined

  constructor(name: string, config: ResolvedConfig, { runFolder, writes }: TargetRun) {
    this.#name = name
    this.#config = config
    this.#runFolder = runFolder
    this.#writes = writes
  }

  async prepare(): Promise<void> {
    await this.#lab()
  }

  /** @throws CHAOS_LAB_DIED also when another of that name is up: the lock was that of the first */
  async acquire(file: string): Promise<Target> {
    const { info, process } = await this.#lab()
    await this.#turns.take(file)
    if (!isRunning(process)) {
      throw new ChaosError('CHAOS_LAB_DIED', `The lab "${this.#name}" has ended while this run was using it.`)
    }
    const { name, kubeconfig, prometheusUrl, otlpUrl } = info
    return {
      reference: { kind: 'lab', name, kubeconfig, context: 'lab', namespace: 'default', process },
      prometheusUrl,
      otlpUrl,
      spansSinceMs: systemClock.now(),
    }
  }

  async release(file: string): Promise<void> {
    this.#turns.end(file)
  }

  async close(): Promise<void> {
    await this.#taken?.catch(() => undefined)
    this.#lock?.release()
  }

  #lab(): Promise<RunningLab> {
    this.#taken ??= this.#take()
    return this.#taken
  }

  /** First the lock, then what dead runs owe: whoever held it before has died by now, perhaps a moment ago. */
  async #take(): Promise<RunningLab> {
    const { root, timeouts } = this.#config
    const lab = runningLab(root, this.#name)
    if (!this.#writes) return lab
    const asker = {
      run: basename(this.#runFolder),
      runFolder: this.#runFolder,
      pid: process.pid,
      since: systemClock.now(),
    }
    this.#lock = await lockLab(lab, asker)
    await recoverOrphans(root, timeouts.rollbackMs)
    this.#refuseWhileOwed()
    return lab
  }

  #refuseWhileOwed(): void {
    const owed = findOrphans(this.#config.root)
      .flatMap(({ folder }) => owedActions(folder))
      .filter(({ target }) => target === `${this.#name}/default`)
    if (owed.length === 0) return
    throw new ChaosError(
      'CHAOS_NOT_RESTORED',
      `The lab "${this.#name}" is not as it was before a run that has died, and what that owes could not be undone: ${owed.map(({ title }) => title).join('; ')}. Nothing was run. "chaos-test recover" tries it again.`,
      { verdict: 'not-restored' },
    )
  }
}

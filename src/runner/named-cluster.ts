import type { ClusterTarget, ResolvedConfig } from '../config/load.ts'
import { rulesOn } from '../safety/index.ts'
import { ChaosError, messageOf } from '../support/errors.ts'
import { type HeldTarget, lockForRun } from '../undo/locked-target.ts'
import { recoverOwedRun } from '../undo/owed-runs.ts'
import type { OwedRun } from '../undo/target-keeper.ts'
import type { TargetReference } from '../undo/types.ts'
import { checkTarget } from './target-safety.ts'
import type { Target, TargetRun, TargetSource } from './targets.ts'
import { Turns } from './turns.ts'
import { kubernetesUndos } from './undo-modules.ts'

/** What a run is told by its target. */
export interface TargetListener {
  notice(message: string): void
  /** Another run has the target: this one must stop. */
  lost(reason: string): void
}

/** A namespace of a named cluster: locked for the run, used by one file after the other, and left as it was. */
export class NamedClusterSource implements TargetSource {
  readonly atATime = 1
  readonly isShared = true
  readonly #cluster: ClusterTarget
  readonly #target: Target
  readonly #config: ResolvedConfig
  readonly #runFolder: string
  readonly #listener: TargetListener
  readonly #writes: boolean
  readonly #closing = new AbortController()
  #ready: Promise<void> | undefined
  #held: HeldTarget | undefined
  readonly #turns = new Turns()

  constructor(cluster: ClusterTarget, config: ResolvedConfig, { runFolder, listener, writes }: TargetRun) {
    const { context, namespace, kubeconfig } = cluster
    const { prometheusUrl, prometheusAccess } = config
    this.#cluster = cluster
    this.#target = {
      reference: { kind: 'kubernetes', name: context, kubeconfig, context, namespace },
      ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
      ...(prometheusAccess === undefined ? {} : { prometheusAccess }),
    }
    this.#config = config
    this.#runFolder = runFolder
    this.#listener = listener
    this.#writes = writes
  }

  async prepare(): Promise<void> {
    this.#ready ??= this.#take()
    await this.#ready
  }

  async acquire(file: string): Promise<Target> {
    await this.prepare()
    await this.#turns.take(file)
    return this.#target
  }

  async release(file: string): Promise<void> {
    this.#turns.end(file)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ready?.catch(() => undefined)
    // A lock that cannot be given back now expires.
    await this.#held?.lock.release().catch(() => undefined)
  }

  /** First whether it may be acted on at all, then the lock, then what dead runs owe, as the cluster remembers it: their logs may be on other machines. */
  async #take(): Promise<void> {
    const { signal } = this.#closing
    const rules = rulesOn(this.#reference, this.#config.safety)
    // What only looks needs no word that acting there is meant.
    await checkTarget(this.#reference, this.#cluster, { rules, confirms: this.#writes }, signal)
    if (!this.#writes) return
    const locked = { target: this.#reference, undoModules: [kubernetesUndos] }
    this.#held = await lockForRun(this.#runFolder, locked, signal)
    const { lock, keeper } = this.#held
    lock.lost.addEventListener('abort', () => this.#listener.lost(messageOf(lock.lost.reason)))
    const owed = await keeper.owed(this.#reference, { root: this.#config.root, signal })
    for (const run of owed) await this.#recover(run)
    if (lock.takenFrom !== undefined) {
      this.#listener.notice(`Run ${lock.takenFrom} has died holding ${this.#place}; its lock was taken over.`)
    }
  }

  async #recover(owed: OwedRun): Promise<void> {
    const { root, timeouts } = this.#config
    const { failed, undone } = await recoverOwedRun(owed, {
      target: this.#reference,
      root,
      by: 'command',
      deadlineMs: timeouts.rollbackMs,
      settled: true,
    })
    const words = undone.map(({ intent }) => intent.title).join('; ')
    if (undone.length > 0) {
      this.#listener.notice(`Run ${owed.holder} had died and owed ${this.#place}: ${words}. It was undone first.`)
    }
    if (failed.length > 0) throw this.#stillOwed(owed, failed)
  }

  #stillOwed({ holder }: OwedRun, failed: Array<{ intent: { title: string }; error: unknown }>): ChaosError {
    const { context, namespace, kubeconfig } = this.#reference
    const words = failed.map(({ intent, error }) => `${intent.title} (${messageOf(error)})`).join('; ')
    return new ChaosError(
      'CHAOS_NOT_RESTORED',
      `The ${this.#place} is not as it was before run ${holder}, which has died, and what that owes could not be undone: ${words}. Nothing was run. "chaos-test recover --context ${context} --namespace ${namespace} --kubeconfig ${kubeconfig}" tries it again.`,
      { verdict: 'not-restored' },
    )
  }

  get #reference(): TargetReference {
    return this.#target.reference
  }

  get #place(): string {
    return `namespace "${this.#reference.namespace}" of the cluster "${this.#reference.name}"`
  }
}

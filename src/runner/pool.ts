import { ForksPoolWorker, type PoolOptions, type PoolRunnerInitializer, type PoolWorker } from 'vitest/node'
import type { WorkerContext } from '../spec/context.ts'

/** What stands around the worker of a spec file. */
export interface WorkerHost {
  /** Readies the target of a spec file. @returns what its worker must know */
  prepare(file: string): Promise<WorkerContext>
  /** The worker of a spec file has died: what it owes is undone, and it is written down. */
  died(file: string): Promise<void>
  /** The worker of a spec file has ended, one way or the other: its target is free. */
  release(file: string): Promise<void>
}

type WorkerRequest = Parameters<PoolWorker['send']>[0]
type Listener = Parameters<PoolWorker['on']>[1]

/**
 * Vitest's fork of a spec file, held in hand: it runs when its target is ready, and its death is told to Vitest when what
 * it owed is undone, because Vitest starts the next file at once.
 */
class ChaosWorker extends ForksPoolWorker {
  readonly #host: WorkerHost
  readonly #exitListeners = new Map<Listener, Listener>()
  readonly #errorListeners = new Set<Listener>()
  /** While it is this worker's: from its start until its target is free again. */
  #file: string | undefined
  #hasDied = false

  constructor(options: PoolOptions, host: WorkerHost) {
    super(options)
    this.#host = host
  }

  override send(message: WorkerRequest): void {
    if (message.type === 'run') void this.#run(message)
    else super.send(message)
  }

  async #run(message: WorkerRequest & { type: 'run' }): Promise<void> {
    const file = message.context.files[0]?.filepath
    if (file === undefined) throw new Error('Vitest asked a worker to run no file.')
    this.#file = file
    try {
      const chaos = await this.#host.prepare(file)
      const { context } = message
      super.send({ ...message, context: { ...context, providedContext: { ...context.providedContext, chaos } } })
    } catch (error) {
      this.#tell(error)
    }
  }

  override on(event: string, listener: Listener): void {
    if (event === 'error') this.#errorListeners.add(listener)
    if (event !== 'exit') {
      super.on(event, listener)
      return
    }
    const delayed: Listener = async (...details) => {
      this.#hasDied = true
      await this.#afterDeath().catch((error: unknown) => this.#tell(error))
      listener(...details)
    }
    this.#exitListeners.set(listener, delayed)
    super.on('exit', delayed)
  }

  override off(event: string, listener: Listener): void {
    if (event === 'error') this.#errorListeners.delete(listener)
    super.off(event, this.#exitListeners.get(listener) ?? listener)
  }

  override async stop(): Promise<void> {
    // Vitest would wait for ever for the exit of a process that a signal has ended.
    if (!this.#hasDied) await super.stop()
    await this.#release()
  }

  /** Vitest stops no worker that has ended by itself, so its target is freed here. */
  async #afterDeath(): Promise<void> {
    if (this.#file !== undefined) await this.#host.died(this.#file)
    await this.#release()
  }

  async #release(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) await this.#host.release(file)
  }

  #tell(error: unknown): void {
    for (const listener of this.#errorListeners) listener(error)
  }
}

/** The pool of spec files: one fork each. */
export function chaosPool(host: WorkerHost): PoolRunnerInitializer {
  return { name: 'chaos-test', createPoolWorker: (options) => new ChaosWorker(options, host) }
}

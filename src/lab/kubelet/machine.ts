import { faults, Informer, isConflict, isNotFound } from '../client/index.ts'
import type { PodAddresses } from './addresses.ts'
import type { ContainerRun } from './container-run.ts'
import type { NodeContext } from './context.ts'
import { Kubelet } from './kubelet.ts'
import type { RunLog } from './log-reader.ts'
import { type ContainerName, type LogName, NoLog } from './log-server.ts'

/**
 * The machine that a node is: its kubelet runs, but for as long as a fault says that the node is down. Then it is silent
 * and the processes of its pods are gone, all at once and without a word; when it is up again, it starts the pods that
 * are still bound to it.
 */
export class NodeMachine {
  readonly #node: NodeContext
  readonly #addresses: PodAddresses
  readonly #faults
  #kubelet: Kubelet | undefined
  #changing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(node: NodeContext, addresses: PodAddresses) {
    this.#node = node
    this.#addresses = addresses
    this.#faults = new Informer(node.client, faults, { clock: node.clock })
    this.#faults.onChange(() => this.#follow())
  }

  /** Resolves when the node is registered and the pods that were bound to it already have been seen. */
  async start(): Promise<void> {
    await this.#up()
    this.#faults.start()
  }

  /** Ends every pod at once. Resolves when the last process has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#faults.stop()
    await this.#changing
    await this.#kubelet?.stop()
  }

  /** What a run of a container has written. @throws NoLog when there is no such run, or the node is down */
  logOf(name: LogName): RunLog {
    if (!this.#kubelet) throw new NoLog(`node "${this.#node.nodeName}" is down`)
    return this.#kubelet.logOf(name)
  }

  /** The present run of a container. @throws when it does not run, or the node is down */
  present(name: ContainerName): ContainerRun {
    if (!this.#kubelet) throw new Error(`node "${this.#node.nodeName}" is down`)
    return this.#kubelet.present(name)
  }

  #follow(): void {
    const change = async () => {
      if (this.#stopped) return
      const own = this.#faults.list().filter(({ spec }) => spec.node?.name === this.#node.nodeName)
      if (own.length > 0) await this.#down()
      else await this.#up()
      await Promise.all(
        own.filter(({ status }) => status?.phase !== 'Active').map(({ metadata }) => this.#confirm(metadata)),
      )
    }
    this.#changing = this.#changing.then(change).catch((error) => {
      if (!this.#stopped) console.error(`node ${this.#node.nodeName}:`, error)
    })
  }

  async #up(): Promise<void> {
    if (this.#kubelet) return
    const kubelet = new Kubelet(this.#node, this.#addresses)
    this.#kubelet = kubelet
    await kubelet.start()
  }

  async #down(): Promise<void> {
    const kubelet = this.#kubelet
    this.#kubelet = undefined
    await kubelet?.stop()
  }

  /** Says that the fault is in force. */
  async #confirm({ name, uid }: { name: string; uid: string }): Promise<void> {
    try {
      await this.#node.client.patch(
        faults,
        { name },
        { metadata: { uid }, status: { phase: 'Active' } },
        { type: 'merge', subresource: 'status' },
      )
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error
    }
  }
}

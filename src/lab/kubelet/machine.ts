import { FaultFollower } from '../client/index.ts'
import type { ProcessFault } from '../faults.ts'
import type { PodAddresses } from './addresses.ts'
import type { ContainerRun } from './container-run.ts'
import type { NodeContext } from './context.ts'
import { Kubelet } from './kubelet.ts'
import type { RunLog } from './log-reader.ts'
import { type ContainerName, type LogName, NoLog } from './log-server.ts'
import type { PodRunner } from './pod.ts'
import type { ForwardTarget } from './port-forward/forward.ts'

/**
 * The machine that a node is: its kubelet runs, but for as long as a fault says that the node is down. Then it is silent
 * and the processes of its pods are gone, all at once and without a word; when it is up again, it starts the pods that
 * are still bound to it.
 */
export class NodeMachine {
  readonly #node: NodeContext
  readonly #addresses: PodAddresses
  readonly #follower: FaultFollower
  /** What ends each fault that has come upon pods. */
  readonly #seized = new Map<string, () => void>()
  /** The faults that keep it down. */
  readonly #downBy = new Set<string>()
  #kubelet: Kubelet | undefined

  constructor(node: NodeContext, addresses: PodAddresses) {
    this.#node = node
    this.#addresses = addresses
    this.#follower = new FaultFollower(
      node.client,
      {
        part: node.nodeName,
        concerns: ({ node: down, process }) =>
          (down?.effect === 'down' && down.name === node.nodeName) ||
          (process !== undefined && this.#runnerOf(process) !== undefined),
        begin: ({ metadata: { uid }, spec }, isNew) =>
          spec.process ? this.#seize(uid, spec.process, isNew) : this.#down(uid),
        end: ({ metadata: { uid }, spec }) => (spec.process ? this.#release(uid) : this.#upAfter(uid)),
      },
      { clock: node.clock },
    )
  }

  /** Resolves when the node is registered and the pods that were bound to it already have been seen. */
  async start(): Promise<void> {
    await this.#up()
    await this.#follower.start()
  }

  /** Ends every pod at once. Resolves when the last process has ended. */
  async stop(): Promise<void> {
    await this.#follower.stop()
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

  /** Where a pod is, to connect to it. @throws with what a person reads when it does not run, or the node is down */
  placeOf({ namespace, pod }: { namespace: string; pod: string }): ForwardTarget {
    const runner = this.#kubelet?.runnerOf(namespace, pod)
    if (!runner) throw new Error(`pod "${pod}" does not run on node "${this.#node.nodeName}"`)
    return { name: pod, uid: runner.uid, podIP: runner.podIP }
  }

  async #up(): Promise<void> {
    if (this.#kubelet) return
    const kubelet = new Kubelet(this.#node, this.#addresses)
    this.#kubelet = kubelet
    await kubelet.start()
  }

  #runnerOf({ namespace = 'default', pod }: ProcessFault): PodRunner | undefined {
    return this.#kubelet?.runnerOf(namespace, pod)
  }

  #seize(fault: string, process: ProcessFault, isNew: boolean): void {
    // Who was killed once is not killed again.
    if (process.effect === 'kill' && !isNew) return
    const runner = this.#runnerOf(process)
    if (!runner) throw new Error(`pod "${process.pod}" does not run on node "${this.#node.nodeName}"`)
    this.#seized.set(fault, runner.seize(process))
  }

  #release(fault: string): void {
    this.#seized.get(fault)?.()
    this.#seized.delete(fault)
  }

  async #down(fault: string): Promise<void> {
    this.#downBy.add(fault)
    const kubelet = this.#kubelet
    this.#kubelet = undefined
    await kubelet?.stop()
  }

  async #upAfter(fault: string): Promise<void> {
    this.#downBy.delete(fault)
    if (this.#downBy.size === 0) await this.#up()
  }
}

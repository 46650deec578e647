import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { Informer, isNotFound, pods, type Stored } from '../client/index.ts'
import type { PodAddresses } from './addresses.ts'
import type { ContainerRun } from './container-run.ts'
import type { NodeContext } from './context.ts'
import type { RunLog } from './log-reader.ts'
import { type ContainerName, type LogName, NoLog } from './log-server.ts'
import { registerNode, renewLease, reportNode } from './node.ts'
import { PodRunner } from './pod.ts'

/** Runs the pods that are bound to one node. */
export class Kubelet {
  readonly #node: NodeContext
  readonly #addresses: PodAddresses
  readonly #informer: Informer<Pod>
  readonly #runners = new Map<string, PodRunner>()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(node: NodeContext, addresses: PodAddresses) {
    this.#node = node
    this.#addresses = addresses
    this.#informer = new Informer(node.client, pods, {
      fieldSelector: `spec.nodeName=${node.nodeName}`,
      clock: node.clock,
    })
    this.#informer.onChange((old, current) => this.#onChange(old, current))
  }

  /** Resolves when the node is registered and the pods that were bound to it already have been seen. */
  async start(): Promise<void> {
    await registerNode(this.#node, this.#addresses.range)
    this.#heartbeat = setInterval(() => {
      // The next one says it again.
      this.#beat().catch(() => {})
    }, this.#node.timings.nodeStatusMs)
    this.#informer.start()
    await this.#informer.synced
  }

  /** A node that somebody deleted comes back, as if its kubelet were started again: nobody can do that here. */
  async #beat(): Promise<void> {
    try {
      await Promise.all([reportNode(this.#node), renewLease(this.#node)])
    } catch (error) {
      if (!isNotFound(error)) throw error
      await registerNode(this.#node, this.#addresses.range)
    }
  }

  /** Ends every pod at once. Resolves when the last process has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#informer.stop()
    const runners = [...this.#runners.values()]
    this.#runners.clear()
    await Promise.all(runners.map((runner) => runner.kill()))
    for (const { podIP } of runners) this.#addresses.release(podIP)
  }

  /** What a run of a container has written. @throws NoLog when there is no such run */
  logOf({ namespace, pod, container, previous }: LogName): RunLog {
    const runner = this.runnerOf(namespace, pod)
    if (!runner) throw new NoLog(`pod "${pod}" does not run on node "${this.#node.nodeName}"`)
    return runner.logOf(container, previous)
  }

  /** The present run of a container, to run a command in. @throws with what a person reads when it does not run */
  present({ namespace, pod, container }: ContainerName): ContainerRun {
    const runner = this.runnerOf(namespace, pod)
    if (!runner) throw new Error(`pod "${pod}" does not run on node "${this.#node.nodeName}"`)
    return runner.present(container)
  }

  /** What runs a pod; undefined when it does not run here. */
  runnerOf(namespace: string, name: string): PodRunner | undefined {
    const current = this.#informer.get(`${namespace}/${name}`)
    return current && this.#runners.get(current.metadata.uid)
  }

  #onChange(old: Stored<Pod> | undefined, current: Stored<Pod> | undefined): void {
    // What is watched comes with its type, what is listed without: events need it.
    if (current) this.#sync({ ...current, apiVersion: 'v1', kind: 'Pod' })
    else if (old) void this.#forget(old)
  }

  #sync(pod: Stored<Pod>): void {
    const runner = this.#runners.get(pod.metadata.uid) ?? this.#admit(pod)
    runner?.update(pod)
  }

  #admit(pod: Stored<Pod>): PodRunner | undefined {
    const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (over && !pod.metadata.deletionTimestamp) return undefined
    const podIP = this.#addresses.take()
    if (!podIP) return this.#refuse(pod)
    const runner = new PodRunner(this.#node, pod, podIP)
    this.#runners.set(pod.metadata.uid, runner)
    if (!pod.metadata.deletionTimestamp) runner.start()
    return runner
  }

  /** No address is left: the pod fails, as it does on a Kubernetes node that is full. */
  #refuse(pod: Stored<Pod>): undefined {
    const { namespace, name, uid } = pod.metadata
    const message = `Pod Node didn't have enough resource: pods (${this.#addresses.range}.0/24 has no address left)`
    const patch = { metadata: { uid }, status: { phase: 'Failed', reason: 'OutOfpods', message } }
    this.#node.client.patch(pods, { namespace, name }, patch, { subresource: 'status' }).catch(() => {})
    this.#node.recorder.record(pod, 'Warning', 'OutOfpods', message)
  }

  async #forget(pod: Stored<Pod>): Promise<void> {
    const runner = this.#runners.get(pod.metadata.uid)
    if (!runner) return
    await runner.removed()
    this.#runners.delete(pod.metadata.uid)
    this.#addresses.release(runner.podIP)
  }
}

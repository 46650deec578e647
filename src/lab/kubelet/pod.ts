import { rmSync } from 'node:fs'
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'
import { isConflict, isNotFound, pods, type Stored } from '../client/index.ts'
import type { ProcessFault } from '../faults.ts'
import { apiTime } from '../time.ts'
import { ContainerRunner } from './container.ts'
import type { ContainerRun } from './container-run.ts'
import type { NodeContext } from './context.ts'
import type { RunLog } from './log-reader.ts'
import { NoLog } from './log-server.ts'
import { podStatus } from './pod-status.ts'
import { volumesFolder } from './program.ts'
import { StatusWriter } from './status-writer.ts'
import { defaultGraceSeconds } from './timings.ts'

/** A pod on this node, from the first sight of it to the last of its processes. */
export class PodRunner {
  readonly podIP: string
  readonly #node: NodeContext
  readonly #writer: StatusWriter
  readonly #startTime: string
  readonly #initContainers: ContainerRunner[]
  readonly #containers: ContainerRunner[]
  readonly #ending = new AbortController()
  readonly #graceOver = new AbortController()
  #pod: Stored<Pod>
  #running: Promise<void> = Promise.resolve()
  #changed = Promise.withResolvers<void>()
  #terminating: Promise<void> | undefined

  constructor(node: NodeContext, pod: Stored<Pod>, podIP: string) {
    this.#node = node
    this.#pod = pod
    this.podIP = podIP
    this.#startTime = pod.status?.startTime ?? apiTime(node.clock.now())
    this.#writer = new StatusWriter(node.client, pod, { clock: node.clock, retryMs: node.timings.statusRetryMs })
    this.#initContainers = (pod.spec?.initContainers ?? []).map((container) => this.#runnerOf(container, true))
    this.#containers = (pod.spec?.containers ?? []).map((container) => this.#runnerOf(container, false))
  }

  /** Starts its containers: the init containers one after the other, then all the others side by side. */
  start(): void {
    this.#report()
    this.#running = this.#run()
  }

  /** Takes a newer version of the pod from the API server. */
  update(pod: Stored<Pod>): void {
    this.#pod = pod
    if (!pod.metadata.deletionTimestamp) {
      // Another may have opened a gate.
      if (pod.spec?.readinessGates) this.#report()
      return
    }
    const graceSeconds =
      pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds
    this.#endWithin(graceSeconds * 1000)
    this.#terminating ??= this.#terminate()
  }

  /** Ends it, when the API server has it no longer. Resolves when the last process has ended. */
  async removed(): Promise<void> {
    this.#writer.close()
    this.#endWithin(0)
    await this.#stopContainers()
    rmSync(volumesFolder(this.#node.home, this.#pod), { recursive: true, force: true })
  }

  /** Ends it at once, and says nothing to the API server: the lab ends. */
  async kill(): Promise<void> {
    this.#writer.close()
    this.#ending.abort()
    this.#change()
    for (const container of this.#all) container.kill()
    await this.#running
  }

  /** What the present run of a container, or the one before, has written. @throws NoLog when there is no such run */
  logOf(name: string, previous: boolean): RunLog {
    const container = this.#all.find((candidate) => candidate.name === name)
    if (!container) throw new NoLog(`container "${name}" in pod "${this.#pod.metadata.name}" is not available`)
    return container.logOf(previous)
  }

  /** The present run of a container, to run a command in. @throws when it does not run */
  present(name: string): ContainerRun {
    const container = this.#all.find((candidate) => candidate.name === name)
    if (!container) throw new Error(`container not found ("${name}")`)
    return container.present
  }

  /**
   * Has a fault come upon its containers, or the one that it names.
   *
   * @returns what ends the fault
   * @throws what a person reads when there is nothing for it to come upon
   */
  seize({ container: name, effect }: ProcessFault): () => void {
    const isMeant = (container: ContainerRunner) => name === undefined || container.name === name
    const meant = [...this.#sidecars, ...this.#containers].filter(isMeant)
    if (meant.length === 0) throw new Error(`pod "${this.#pod.metadata.name}" has no container "${name}"`)
    // One that does not run has nothing that could be killed or hang.
    const hit = effect === 'crashLoop' ? meant : meant.filter(({ running }) => running)
    if (hit.length === 0) throw new Error(`no container of pod "${this.#pod.metadata.name}" runs`)
    const ends = hit.map((container) => container.seize(effect))
    return () => {
      for (const end of ends) end()
    }
  }

  get uid(): string {
    return this.#pod.metadata.uid
  }

  get #all(): ContainerRunner[] {
    return [...this.#initContainers, ...this.#containers]
  }

  #runnerOf(container: Container, init: boolean): ContainerRunner {
    return new ContainerRunner({
      node: this.#node,
      pod: this.#pod,
      container,
      podIP: this.podIP,
      init,
      ending: this.#ending.signal,
      onChange: () => {
        this.#report()
        this.#change()
      },
    })
  }

  async #run(): Promise<void> {
    const sidecars: Promise<void>[] = []
    for (const container of this.#initContainers) {
      const running = container.run()
      if (container.isSidecar) {
        sidecars.push(running)
        await this.#started(container)
        if (this.#ending.signal.aborted) break
        continue
      }
      await running
      if (!container.status.ready) return
    }
    await Promise.all(this.#containers.map((container) => container.run()))
    if (sidecars.length > 0 && !this.#ending.signal.aborted) await this.#stopSidecars()
    await Promise.all(sidecars)
  }

  /** Resolves when a container has passed its startup probe, or the pod is to end. */
  async #started(container: ContainerRunner): Promise<void> {
    const { signal } = this.#ending
    while (!container.status.started && !signal.aborted) await this.#changed.promise
  }

  /** They served the others, which have all ended: the pod has. */
  async #stopSidecars(): Promise<void> {
    const grace = (this.#pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds) * 1000
    this.#endWithin(grace)
    this.#ending.abort()
    this.#change()
    for (const container of this.#sidecars) await container.stop(this.#graceOver.signal)
  }

  get #sidecars(): ContainerRunner[] {
    return this.#initContainers.filter(({ isSidecar }) => isSidecar).reverse()
  }

  #change(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** The grace period is over after that time at the latest: a second deletion may shorten it, none lengthens it. */
  #endWithin(milliseconds: number): void {
    const { clock } = this.#node
    const over = () => this.#graceOver.abort()
    void clock.sleep(milliseconds, this.#graceOver.signal).then(over, () => {})
  }

  async #terminate(): Promise<void> {
    await this.#stopContainers()
    this.#report()
    await this.#writer.flushed()
    await this.#remove()
  }

  async #stopContainers(): Promise<void> {
    this.#ending.abort()
    this.#change()
    for (const container of this.#all.filter(({ running }) => running)) {
      this.#node.recorder.record(this.#pod, 'Normal', 'Killing', `Stopping container ${container.name}`)
    }
    const others = this.#all.filter(({ isSidecar }) => !isSidecar)
    await Promise.all(others.map((container) => container.stop(this.#graceOver.signal)))
    // Sidecars serve to the end: they go last, the one that came first last of all.
    for (const container of this.#sidecars) await container.stop(this.#graceOver.signal)
    await this.#running
    this.#graceOver.abort()
  }

  /** Takes the pod, and never another of its name, from the API server. */
  async #remove(): Promise<void> {
    const { namespace, name, uid } = this.#pod.metadata
    const { clock, client, timings } = this.#node
    for (;;) {
      try {
        await client.remove(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } })
        return
      } catch (error) {
        if (isNotFound(error) || isConflict(error) || this.#writer.closed) return
        await clock.sleep(timings.statusRetryMs)
      }
    }
  }

  #report(): void {
    const status = podStatus({
      pod: this.#pod,
      previous: this.#writer.latest,
      podIP: this.podIP,
      hostIP: this.#node.nodeIP,
      startTime: this.#startTime,
      initContainers: this.#initContainers.map(({ status }) => status),
      containers: this.#containers.map(({ status }) => status),
      sidecars: new Set(this.#sidecars.map(({ name }) => name)),
      now: this.#node.clock.now(),
    })
    this.#writer.write(status)
  }
}

import { existsSync } from 'node:fs'
import type { Container, ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { isChaosError, messageOf } from '../../support/errors.ts'
import type { Stored } from '../client/index.ts'
import type { ProcessFault } from '../faults.ts'
import { apiTime } from '../time.ts'
import { RestartBackoff } from './backoff.ts'
import { ContainerRun } from './container-run.ts'
import type { NodeContext } from './context.ts'
import { type ProcessExit, type Program, StartError } from './launcher.ts'
import type { RunLog } from './log-reader.ts'
import { NoLog } from './log-server.ts'
import { logPath, programOf } from './program.ts'

export interface ContainerRunnerOptions {
  node: NodeContext
  pod: Stored<Pod>
  container: Container
  podIP: string
  /** An init container: it is to end well, once. */
  init: boolean
  /** Aborts when the pod is to end: nothing is started any more. */
  ending: AbortSignal
  /** Told when the status changed. */
  onChange(): void
}

const startErrorExitCode = 128
/** Of a run whose end nobody saw, since its node was down. */
const lostExitCode = 255

/** A container of a pod: its runs one after the other as the restart policy says, and its status. */
export class ContainerRunner {
  readonly #options: ContainerRunnerOptions
  readonly #backoff: RestartBackoff
  #state: ContainerState
  #lastState: ContainerState = {}
  #restartCount = 0
  #containerID: string | undefined
  #run: ContainerRun | undefined
  /** The faults by which it is killed each time that it has started. */
  readonly #crashes = new Set<object>()
  #waiting = new AbortController()

  constructor(options: ContainerRunnerOptions) {
    this.#options = options
    const { restartBackoffMs, longestRestartBackoffMs } = options.node.timings
    this.#backoff = new RestartBackoff(restartBackoffMs, longestRestartBackoffMs)
    const waitsForInit = !options.init && (options.pod.spec?.initContainers?.length ?? 0) > 0
    this.#state = { waiting: { reason: waitsForInit ? 'PodInitializing' : 'ContainerCreating' } }
    const before = statusBefore(options)
    if (!before?.containerID) return
    this.#restartCount = before.restartCount + 1
    this.#lastState = { terminated: { exitCode: lostExitCode, reason: 'Error', containerID: before.containerID } }
  }

  get name(): string {
    return this.#options.container.name
  }

  /** An init container that is to run for as long as the pod does. */
  get isSidecar(): boolean {
    return this.#options.init && this.#options.container.restartPolicy === 'Always'
  }

  get running(): boolean {
    return this.#run !== undefined
  }

  get status(): ContainerStatus {
    const { container, init } = this.#options
    const { image = '' } = container
    return {
      name: container.name,
      image,
      imageID: this.#containerID ? image : '',
      ready: init && !this.isSidecar ? this.#state.terminated?.exitCode === 0 : (this.#run?.ready ?? false),
      started: this.#run?.started ?? false,
      restartCount: this.#restartCount,
      state: this.#state,
      lastState: this.#lastState,
      ...(this.#containerID ? { containerID: this.#containerID } : {}),
    }
  }

  /** What the present run, or the one before, has written. @throws NoLog when there is no such run */
  logOf(previous: boolean): RunLog {
    const { node, pod, container } = this.#options
    const run = this.#restartCount - (previous ? 1 : 0)
    const path = logPath(node.home, pod, container.name, run)
    if (existsSync(path)) return { path, isOpen: () => this.running && this.#restartCount === run }
    const subject = `container "${container.name}" in pod "${pod.metadata.name}"`
    throw new NoLog(
      previous
        ? `previous terminated ${subject} not found`
        : `${subject} is waiting to start: ${this.#state.waiting?.reason ?? 'StartError'}`,
    )
  }

  /** The present run. @throws when there is none */
  get present(): ContainerRun {
    if (this.#run) return this.#run
    throw new Error(`container not found ("${this.name}")`)
  }

  /**
   * Has a fault come upon it.
   *
   * @returns what ends the fault
   * @throws what a person reads when it does not run
   */
  seize(effect: ProcessFault['effect']): () => void {
    if (effect === 'hang') return this.present.halt()
    if (effect === 'kill') {
      this.present.kill()
      return () => {}
    }
    const crash = {}
    this.#crashes.add(crash)
    this.kill()
    return () => {
      this.#crashes.delete(crash)
      this.#backoff.reset()
      this.#waiting.abort()
    }
  }

  /** Runs it, and again as the restart policy says. Resolves when it will not be run again. */
  async run(): Promise<void> {
    const { ending } = this.#options
    for (let first = true; !ending.aborted; first = false) {
      const program = await this.#prepare(this.#restartCount + (first ? 0 : 1))
      if (!program || ending.aborted) return
      if (!first) this.#countRestart()
      const { exit, again } = await this.#runOnce(program)
      if (!again || ending.aborted) return
      await this.#backOff(exit)
    }
  }

  /** Ends the present run, if there is one (see `ContainerRun.stop`). */
  async stop(graceOver: AbortSignal): Promise<void> {
    await this.#run?.stop(graceOver)
  }

  /** Ends the present run at once. */
  kill(): void {
    this.#run?.kill()
  }

  /** What to run, once image and configuration are there; `undefined` when the pod ends before. */
  async #prepare(restartCount: number): Promise<Program | undefined> {
    const { node, pod, container, podIP, ending } = this.#options
    const { retryBackoffMs, longestRetryBackoffMs } = node.timings
    for (let waitMs = retryBackoffMs; !ending.aborted; waitMs = Math.min(2 * waitMs, longestRetryBackoffMs)) {
      try {
        return await programOf({ pod, container, podIP, restartCount }, node)
      } catch (error) {
        if (isChaosError(error)) await this.#waitForImage(error.message, waitMs)
        else await this.#waitForConfiguration(messageOf(error), waitMs)
      }
    }
    return undefined
  }

  async #waitForImage(message: string, waitMs: number): Promise<void> {
    const { container, node } = this.#options
    const shownMs = Math.min(node.timings.firstErrorShownMs, waitMs)
    this.#record('Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`)
    this.#record('Warning', 'Failed', 'Error: ErrImagePull')
    this.#set({ waiting: { reason: 'ErrImagePull', message } })
    await this.#pause(shownMs)
    this.#record('Normal', 'BackOff', `Back-off pulling image "${container.image}"`)
    this.#record('Warning', 'Failed', 'Error: ImagePullBackOff')
    this.#set({
      waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${container.image}": ${message}` },
    })
    await this.#pause(waitMs - shownMs)
  }

  async #waitForConfiguration(message: string, waitMs: number): Promise<void> {
    this.#record('Warning', 'Failed', `Error: ${message}`)
    this.#set({ waiting: { reason: 'CreateContainerConfigError', message } })
    await this.#pause(waitMs)
  }

  #countRestart(): void {
    this.#restartCount++
    if (this.#state.terminated) this.#lastState = this.#state
  }

  async #runOnce(program: Program): Promise<{ exit: ProcessExit; again: boolean }> {
    const run = this.#start(program)
    if (!run) {
      const exit = { exitCode: startErrorExitCode, finishedAtMs: this.#options.node.clock.now() }
      return { exit, again: this.#restarts(exit.exitCode, false) }
    }
    if (this.#crashes.size > 0) run.kill()
    void run.probe()
    const exit = await run.ended
    this.#run = undefined
    const { exitCode, finishedAtMs } = exit
    this.#set(
      terminated(exitCode === 0 ? 'Completed' : 'Error', exitCode, run.startedAtMs, finishedAtMs, this.#containerID),
    )
    return { exit, again: this.#restarts(exitCode, run.failedProbe) }
  }

  /** Starts it; a command that cannot be run counts as a run that failed at once. */
  #start(program: Program): ContainerRun | undefined {
    const { container, onChange } = this.#options
    this.#containerID = `lab://${program.id}`
    try {
      this.#run = new ContainerRun({ ...this.#options, program, onHealth: onChange })
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      const now = this.#options.node.clock.now()
      this.#record('Warning', 'Failed', `Error: failed to start container "${container.name}": ${error.message}`)
      const state = terminated('StartError', startErrorExitCode, now, now, this.#containerID)
      this.#set({ terminated: { ...state.terminated, exitCode: startErrorExitCode, message: error.message } })
      return undefined
    }
    this.#record('Normal', 'Pulled', `Container image "${container.image}" already present on machine`)
    this.#record('Normal', 'Created', `Created container ${container.name}`)
    this.#record('Normal', 'Started', `Started container ${container.name}`)
    this.#set({ running: { startedAt: apiTime(this.#run.startedAtMs) } })
    return this.#run
  }

  /** Whether the policy wants another run. A container that a probe has ended failed, whatever its exit code. */
  #restarts(exitCode: number, failedProbe: boolean): boolean {
    const { pod, init } = this.#options
    if (this.isSidecar) return true
    const policy = pod.spec?.restartPolicy ?? 'Always'
    if (policy === 'Never') return false
    if (policy === 'Always' && !init) return true
    return exitCode !== 0 || failedProbe
  }

  async #backOff(exit: ProcessExit): Promise<void> {
    const { node, pod } = this.#options
    const waitMs = this.#backoff.waitAfter(exit.finishedAtMs)
    if (waitMs > 0) {
      const { namespace, name, uid } = pod.metadata
      const message = `back-off ${secondsOf(waitMs)} restarting failed container=${this.name} pod=${name}_${namespace}(${uid})`
      this.#record('Warning', 'BackOff', 'Back-off restarting failed container')
      this.#lastState = this.#state
      this.#set({ waiting: { reason: 'CrashLoopBackOff', message } })
      this.#waiting = new AbortController()
      await this.#pause(exit.finishedAtMs + waitMs - node.clock.now(), this.#waiting.signal)
    }
    this.#backoff.restarted(node.clock.now())
  }

  /** @param over aborts when there is nothing to wait for any more */
  async #pause(milliseconds: number, over = this.#options.ending): Promise<void> {
    const { node, ending } = this.#options
    await node.clock.sleep(Math.max(0, milliseconds), AbortSignal.any([ending, over])).catch(() => {})
  }

  #set(state: ContainerState): void {
    this.#state = state
    this.#options.onChange()
  }

  #record(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { node, pod } = this.#options
    node.recorder.record(pod, type, reason, message)
  }
}

/** What is known of the container from before its node was down. */
function statusBefore({ pod, container, init }: ContainerRunnerOptions): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  return (init ? initContainerStatuses : containerStatuses).find(({ name }) => name === container.name)
}

function terminated(
  reason: string,
  exitCode: number,
  startedAtMs: number,
  finishedAtMs: number,
  containerID: string | undefined,
): ContainerState {
  const times = { startedAt: apiTime(startedAtMs), finishedAt: apiTime(finishedAtMs) }
  return { terminated: { reason, exitCode, ...times, ...(containerID ? { containerID } : {}) } }
}

/** As in `20s` or `2m40s`. */
function secondsOf(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

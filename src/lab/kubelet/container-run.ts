import { randomUUID } from 'node:crypto'
import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../client/index.ts'
import type { NodeContext } from './context.ts'
import { inTerminal } from './exec/terminal.ts'
import { stoodStill } from './lag.ts'
import type { OpenedProgram, ProcessExit, Program, RunningProgram } from './launcher.ts'
import { type ProbeTarget, takeProbe } from './probe.ts'
import { firstRoundMs, type ProbeKind, probeInRounds, scheduleOf } from './probe-schedule.ts'
import { defaultGraceSeconds } from './timings.ts'
import { withMounts } from './volumes.ts'

export interface ContainerRunOptions {
  node: NodeContext
  pod: Stored<Pod>
  container: Container
  podIP: string
  program: Program
  /** Aborts when the pod is to end: liveness and startup are probed no longer, readiness is. */
  ending: AbortSignal
  /** Told when `started` or `ready` changed. */
  onHealth(): void
}

/** One run of a container: its process, the probes of it, and its end. */
export class ContainerRun {
  readonly id: string
  readonly startedAtMs: number
  /** Resolves when its process, and all that it started, has ended. */
  readonly ended: Promise<ProcessExit>
  /** It passed its startup probe, or has none. */
  started = false
  ready = false
  /** It was stopped because a probe said so. */
  failedProbe = false
  readonly #options: ContainerRunOptions
  readonly #running: RunningProgram
  readonly #over = new AbortController()
  #preStop: Promise<void> | undefined
  /** How many faults keep it from running on. */
  #halts = 0

  /** @throws StartError when the command cannot be run */
  constructor(options: ContainerRunOptions) {
    this.#options = options
    this.#running = options.node.launcher.start(options.program)
    this.id = options.program.id
    this.startedAtMs = this.#running.startedAtMs
    this.ended = this.#running.ended.finally(() => {
      this.#over.abort()
      this.started = false
      this.ready = false
    })
  }

  /** Probes for as long as it runs. */
  async probe(): Promise<void> {
    const { startupProbe, livenessProbe, readinessProbe } = this.#options.container
    if (!(await this.#runPostStart())) return
    if (startupProbe) await this.#rounds('startup', startupProbe, (healthy) => this.#onStartup(healthy))
    else this.#onStartup(true)
    if (!this.started) return
    if (!readinessProbe) this.#onReadiness(true)
    await Promise.all([
      livenessProbe &&
        this.#rounds('liveness', livenessProbe, (healthy) => healthy || this.#fail('liveness', livenessProbe)),
      readinessProbe && this.#rounds('readiness', readinessProbe, (healthy) => this.#onReadiness(healthy)),
    ])
  }

  /**
   * Ends it as Kubernetes does: the preStop hook, SIGTERM to its first process, SIGKILL to all of it. Resolves when it
   * has ended. Safe to call again, with a signal that comes sooner.
   *
   * @param graceOver aborts when the grace period is over, which the hook is part of; SIGKILL never follows SIGTERM
   *   sooner than Kubernetes' two seconds
   */
  async stop(graceOver: AbortSignal): Promise<void> {
    const { clock, timings } = this.#options.node
    this.#preStop ??= this.#runPreStop(graceOver)
    await Promise.race([this.#preStop, aborted(graceOver), this.ended])
    this.#running.signal('SIGTERM')
    const leastGrace = clock.sleep(timings.leastGraceMs, this.#over.signal).catch(() => {})
    await Promise.race([this.ended, Promise.all([aborted(graceOver), leastGrace])])
    this.kill()
    await this.ended
  }

  /**
   * Runs another command beside its program, in the same environment. It ends with the container.
   * @throws StartError when the command cannot be run
   */
  open(command: readonly string[], tty: boolean): OpenedProgram {
    const { node, program } = this.#options
    const environment = tty ? { TERM: 'xterm', ...program.environment } : program.environment
    const words = command.map((word) => withMounts(word, program.mounts ?? []))
    const wrapped = tty ? inTerminal(words) : words
    const opened = node.launcher.open({ ...program, environment, id: randomUUID(), command: wrapped })
    const kill = () => opened.kill()
    this.#over.signal.addEventListener('abort', kill)
    void opened.ended.then(() => this.#over.signal.removeEventListener('abort', kill))
    return opened
  }

  /** Ends it at once. */
  kill(): void {
    this.#running.kill()
  }

  /** Stops all of its processes where they are, until the returned function is called. */
  halt(): () => void {
    this.#halts++
    this.#running.signalAll('SIGSTOP')
    return () => {
      this.#halts--
      if (this.#halts === 0) this.#running.signalAll('SIGCONT')
    }
  }

  #onStartup(healthy: boolean): boolean {
    if (!healthy && this.#options.container.startupProbe)
      return this.#fail('startup', this.#options.container.startupProbe)
    this.started = true
    this.#options.onHealth()
    return false
  }

  #onReadiness(healthy: boolean): boolean {
    if (this.ready !== healthy) {
      this.ready = healthy
      this.#options.onHealth()
    }
    return true
  }

  #fail(kind: ProbeKind, probe: Probe): false {
    const { pod, container } = this.#options
    this.failedProbe = true
    this.#record('Normal', 'Killing', `Container ${container.name} failed ${kind} probe, will be restarted`)
    const grace = probe.terminationGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds
    void this.stop(AbortSignal.timeout(grace * 1000))
    return false
  }

  #rounds(kind: ProbeKind, probe: Probe, onVerdict: (healthy: boolean) => boolean): Promise<void> {
    const { node, ending } = this.#options
    const { startedAtMs } = this
    const schedule = scheduleOf(probe)
    const seenAtMs = Math.max(node.clock.now(), startedAtMs + node.timings.startSeenMs)
    const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed`
    return probeInRounds({
      schedule,
      firstMs: firstRoundMs(kind, schedule, { startedAtMs, seenAtMs }),
      take: (signal) => takeProbe(probe, this.#target, signal),
      onVerdict,
      onUnhealthy: (message) => this.#record('Warning', 'Unhealthy', `${title}: ${message}`),
      onDisbelieved: (message, stoodStillMs) =>
        this.#record(
          'Warning',
          'ProbeNotBelieved',
          `${title}, but the lab itself ${stoodStill(stoodStillMs)}: ${message}`,
        ),
      lag: node.lag,
      clock: node.clock,
      signal: kind === 'readiness' ? this.#over.signal : AbortSignal.any([this.#over.signal, ending]),
    })
  }

  get #target(): ProbeTarget {
    const { podIP, container } = this.#options
    return { podIP, container, execute: (command, signal) => this.#execute(command, signal) }
  }

  async #execute(command: readonly string[], signal: AbortSignal): Promise<number> {
    const { node, program } = this.#options
    const running = node.launcher.start({
      ...program,
      id: randomUUID(),
      command: command.map((word) => withMounts(word, program.mounts ?? [])),
      logPath: '/dev/null',
    })
    const end = () => running.kill()
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    const { exitCode } = await running.ended
    signal.removeEventListener('abort', end)
    return exitCode
  }

  /** Whether it did what is to be done at its start: a container that cannot is ended. */
  async #runPostStart(): Promise<boolean> {
    const hook = this.#options.container.lifecycle?.postStart
    if (!hook) return true
    const { healthy, message } = await takeProbe(hook, this.#target, this.#over.signal)
    if (healthy || this.#over.signal.aborted) return healthy
    this.#record('Warning', 'FailedPostStartHook', `PostStartHook failed: ${message}`)
    this.failedProbe = true
    const grace = this.#options.pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds
    void this.stop(AbortSignal.timeout(grace * 1000))
    return false
  }

  async #runPreStop(graceOver: AbortSignal): Promise<void> {
    const hook = this.#options.container.lifecycle?.preStop
    if (!hook) return
    const signal = AbortSignal.any([graceOver, this.#over.signal])
    if (hook.sleep) return this.#options.node.clock.sleep(hook.sleep.seconds * 1000, signal).catch(() => {})
    const { healthy, message } = await takeProbe(hook, this.#target, signal)
    if (!healthy) this.#record('Warning', 'FailedPreStopHook', `PreStop hook failed: ${message}`)
  }

  #record(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { node, pod } = this.#options
    node.recorder.record(pod, type, reason, message)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

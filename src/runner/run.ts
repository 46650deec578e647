import { writeFileSync } from 'node:fs'
import { hostname, platform, release } from 'node:os'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import type { ResolvedConfig } from '../config/load.ts'
import { Guardian } from '../guardian/guardian.ts'
import { runVerdict, unfinished } from '../journal/conclude.ts'
import type { ChaosEvent, EventBody } from '../journal/events.ts'
import { EventTail } from '../journal/merge.ts'
import { reduce } from '../journal/reduce.ts'
import { createRunFolder, linkLatest, newRunId, pruneRuns, type RunPaths } from '../journal/runs.ts'
import { emptyRun, type RunState } from '../journal/state.ts'
import { systemClock } from '../support/clock.ts'
import { type ErrorView, messageOf, type Verdict } from '../support/errors.ts'
import { commandLog, Log } from '../undo/log.ts'
import { ownRun } from '../undo/ownership.ts'
import { killWriter, owes, recoverLog, recoverRun } from '../undo/recovery.ts'
import { SpecFiles } from './files.ts'
import type { WorkerHost } from './pool.ts'
import { watchSignals } from './signals.ts'
import { collectServiceSpans, mergeSpans } from './spans.ts'
import { type Target, type TargetSource, targetSource } from './targets.ts'
import { collectSpecs, hypothesesOf, openVitest, type VitestRequest } from './vitest.ts'

/** Who shows or keeps a run. It reads events; it decides nothing. */
export interface RunReporter {
  onEvent(event: ChaosEvent): void
  /** What a spec writes to its console. */
  onConsole?(text: string): void
  /** The run is over: no event comes after this. */
  onEnd(runFolder: string): void
}

export interface RunRequest extends VitestRequest {
  config: ResolvedConfig
  version: string
  /** The command line after `chaos-test`. */
  arguments: readonly string[]
  shownBy: readonly RunReporter[]
}

/**
 * Plays the spec files: collects all of them, gives each a target, runs them, undoes what is left, and writes the
 * journal.
 *
 * @returns the exit code
 * @throws a usage error when nothing was done, or what kept the targets from being ready
 */
export async function run(request: RunRequest): Promise<number> {
  return await new Run(request).play()
}

class Run implements WorkerHost {
  readonly #request: RunRequest
  readonly #paths: RunPaths
  readonly #log: Log
  readonly #tail: EventTail
  readonly #guardian: Guardian
  readonly #targets: TargetSource
  readonly #files: SpecFiles
  readonly #held = new Map<string, Target>()
  #state: RunState = emptyRun
  #vitest: Vitest | undefined
  #interrupted = false

  constructor(request: RunRequest) {
    const { config } = request
    const id = newRunId(systemClock.now())
    this.#request = request
    this.#paths = createRunFolder(config.root, id)
    this.#log = new Log(commandLog(this.#paths.logs))
    this.#tail = new EventTail(this.#paths.folder)
    this.#guardian = new Guardian({ runFolder: this.#paths.folder, rollbackMs: config.timeouts.rollbackMs })
    this.#targets = targetSource(config, this.#guardian, this.#paths.folder)
    this.#files = new SpecFiles(config, this.#paths, id)
    ownRun(this.#paths.folder, this.#guardian.pid)
    this.#tail.onEvent((event) => {
      this.#state = reduce(this.#state, event)
    })
    for (const reporter of request.shownBy) this.#tail.onEvent((event) => reporter.onEvent(event))
    this.#record({
      type: 'run-started',
      run: id,
      version: request.version,
      node: process.version,
      platform: `${platform()} ${release()}`,
      host: hostname(),
      arguments: [...request.arguments],
      ...(config.traces.link === undefined ? {} : { traceLink: config.traces.link }),
    })
  }

  async play(): Promise<number> {
    const { config, shownBy } = this.#request
    const forget = watchSignals({
      cancel: (signal) => this.#cancel(signal),
      kill: () => void this.#killWorkers(),
      leave: (signal) => process.exit(signal === 'SIGINT' ? 130 : 143),
    })
    this.#tail.start()
    try {
      const files = await this.#ready()
      const others = this.#interrupted ? [] : await this.#runSpecs(files)
      const exitCode = await this.#conclude(others)
      linkLatest(config.root, this.#state.run?.id ?? '')
      pruneRuns(config.root, owes)
      for (const reporter of shownBy) reporter.onEnd(this.#paths.folder)
      return exitCode
    } finally {
      await this.#guardian.sayGoodbye()
      this.#tail.stop()
      forget()
    }
  }

  /** Collects the specs while their targets come up. @returns how many spec files there are */
  async #ready(): Promise<number> {
    const collecting = collectSpecs(this.#request.config, this.#request)
    const counted = collecting.then((modules) => modules.filter((module) => hypothesesOf(module).length > 0).length)
    const preparing = this.#targets.prepare(1)
    preparing.catch(() => undefined)
    const files = await counted
    await this.#targets.prepare(files)
    await preparing
    return files
  }

  /** @returns the verdicts of what belongs to no hypothesis */
  async #runSpecs(files: number): Promise<Verdict[]> {
    const { config, filters, shownBy } = this.#request
    const console: Reporter = {
      onUserConsoleLog: ({ content }) => {
        for (const reporter of shownBy) reporter.onConsole?.(content)
      },
    }
    this.#vitest = await openVitest({
      config,
      request: this.#request,
      maxWorkers: Math.max(1, Math.min(files, this.#targets.atATime)),
      host: this,
      reporters: [console, ...(this.#request.reporters ?? [])] as Reporter[],
    })
    const { testModules, unhandledErrors } = await this.#vitest.start([...filters])
    await this.#vitest.close()
    this.#tail.read()
    for (const module of testModules) this.#judgeUnplayed(module)
    return unhandledErrors.map((error) => this.#judgeUnhandled(error))
  }

  async prepare(path: string): Promise<ReturnType<SpecFiles['contextOf']>> {
    const target = await this.#targets.acquire(path)
    this.#held.set(path, target)
    return this.#files.contextOf(path, target)
  }

  async died(path: string): Promise<void> {
    const file = this.#files.nameOf(path)
    await this.#recover(path)
    this.#tail.read()
    for (const { id: hypothesis } of unfinished(this.#state).filter((each) => each.file === file)) {
      this.#record({
        type: 'hypothesis-ended',
        file,
        hypothesis,
        verdict: this.#interrupted ? 'interrupted' : 'failed',
        deviated: false,
        reason: this.#interrupted
          ? 'The run was interrupted, and the worker of this spec file killed.'
          : 'The worker process of this spec file died. What it owed was undone; the steady state could not be checked.',
        code: this.#interrupted ? 'CHAOS_INTERRUPTED' : 'CHAOS_WORKER_DIED',
      })
    }
  }

  async release(path: string): Promise<void> {
    await this.#recover(path)
    const target = this.#held.get(path)
    if (target?.otlpUrl) await collectServiceSpans(target.otlpUrl, this.#files.spansOf(path))
    await this.#targets.release(path)
  }

  async #recover(path: string): Promise<void> {
    const { rollbackMs } = this.#request.config.timeouts
    await recoverLog(this.#files.logOf(path), { by: 'command', deadlineMs: rollbackMs })
  }

  #cancel(signal: NodeJS.Signals): void {
    this.#interrupted = true
    this.#record({ type: 'interrupted', signal })
    writeFileSync(this.#paths.cancelled, signal)
    void this.#vitest?.cancelCurrentRun('keyboard-input')
  }

  async #killWorkers(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((path) => killWriter(this.#files.logOf(path))))
  }

  /** A hypothesis that a broken hook kept from being played has failed; Vitest would only skip it. */
  #judgeUnplayed(module: TestModule): void {
    const file = this.#files.nameOf(module.moduleId)
    const known = new Set(this.#state.files.flatMap((each) => each.hypotheses.map(({ id }) => id)))
    const error = module.errors()[0]
    for (const test of hypothesesOf(module)) {
      if (known.has(test.id) || (!error && !this.#interrupted)) continue
      const head = { file, hypothesis: test.id }
      this.#record({ ...head, type: 'hypothesis-started', title: test.fullName, expected: 'held', traceId: '' })
      this.#record({
        ...head,
        type: 'hypothesis-ended',
        verdict: this.#interrupted ? 'interrupted' : 'failed',
        deviated: false,
        reason: this.#interrupted
          ? 'The run was interrupted before it began.'
          : `A hook of the file failed: ${error?.message}`,
        code: this.#interrupted ? 'CHAOS_INTERRUPTED' : 'CHAOS_HOOK_FAILED',
      })
    }
  }

  #judgeUnhandled(error: unknown): Verdict {
    const { message } = error as ErrorView
    this.#record({ type: 'notice', message: `An error that nothing handled: ${message ?? messageOf(error)}` })
    return this.#interrupted ? 'interrupted' : 'failed'
  }

  /** The last rollback of the run, its verdict and its journal. */
  async #conclude(others: Verdict[]): Promise<number> {
    const { rollbackMs } = this.#request.config.timeouts
    await recoverRun(this.#paths.folder, { by: 'command', deadlineMs: rollbackMs })
    this.#tail.read()
    const outcome = runVerdict(this.#state, { owed: owes(this.#paths.folder), others })
    this.#record({ type: 'run-ended', ...outcome })
    this.#tail.read()
    mergeSpans(this.#paths)
    return outcome.exitCode
  }

  #record(event: EventBody & Partial<Pick<ChaosEvent, 'file' | 'hypothesis'>>): void {
    this.#log.append({ ...event, at: systemClock.now() })
  }
}

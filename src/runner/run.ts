import { rmSync, writeFileSync } from 'node:fs'
import type { TestCase, Vitest } from 'vitest/node'
import { tryToReport } from '../../reporters/html.ts'
import type { ResolvedConfig } from '../config/load.ts'
import { Guardian } from '../guardian/guardian.ts'
import { runVerdict } from '../journal/conclude.ts'
import type { ChaosEvent, EventBody, RunMode } from '../journal/events.ts'
import { EventTail } from '../journal/merge.ts'
import type { RedactOptions } from '../journal/redact.ts'
import { forgetRules, keepRules, redactionBy } from '../journal/redaction.ts'
import { reduce } from '../journal/reduce.ts'
import { createRunFolder, linkLatest, newRunId, pruneRuns, type RunPaths } from '../journal/runs.ts'
import { emptyRun, type RunState } from '../journal/state.ts'
import { writeTraces } from '../journal/traces.ts'
import { exitCode } from '../journal/verdict.ts'
import { writeJournals } from '../journal/write.ts'
import { onPermissionNoted } from '../kubernetes/api/noted-permissions.ts'
import { systemClock } from '../support/clock.ts'
import { untilAborted } from '../support/deadline.ts'
import { ChaosError, isChaosError, messageOf, type Verdict } from '../support/errors.ts'
import { unheededIn } from '../tracing/environment.ts'
import { commandLog, Log } from '../undo/log.ts'
import { ownRun } from '../undo/ownership.ts'
import { killWriter, owes, type RecoveryReport, recoverLog, recoverRun } from '../undo/recovery.ts'
import { UndoRegistry } from '../undo/registry.ts'
import { SpecFiles } from './files.ts'
import { Judge } from './judge.ts'
import type { WorkerHost } from './pool.ts'
import { RedactingReporter } from './redacting-reporter.ts'
import { runStarted } from './run-started.ts'
import { redactionRules } from './secrets.ts'
import { watchSignals } from './signals.ts'
import { collectServiceSpans } from './spans.ts'
import { type Target, type TargetSource, targetSource } from './targets.ts'
import { undoModulesOf } from './undo-modules.ts'
import { closeInTime, collectSpecs, hypothesesOf, noHypotheses, openVitest, type VitestRequest } from './vitest.ts'
import { failUnfinished } from './worker-death.ts'

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
  /** What is done of it. */
  mode: RunMode
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
  readonly #id = newRunId(systemClock.now())
  readonly #paths: RunPaths
  readonly #log: Log
  readonly #tail: EventTail
  readonly #redaction: RedactOptions
  readonly #guardian: Guardian
  readonly #targets: TargetSource
  readonly #files: SpecFiles
  readonly #judge: Judge
  readonly #held = new Map<string, Target>()
  /** The hypotheses of each spec file. */
  readonly #collected = new Map<string, TestCase[]>()
  #vitest: Vitest | undefined
  #state: RunState = emptyRun
  /** Nothing was done, so nothing of it is kept. */
  #isForgotten = false
  readonly #forgetSignals: () => void
  readonly #cancellation = new AbortController()

  constructor(request: RunRequest) {
    const { config, mode } = request
    // First of all: from here on a signal must not end the process behind the guardian's back.
    this.#forgetSignals = watchSignals({
      cancel: (signal) => this.#cancel(signal),
      kill: () => void this.#killWorkers(),
      leave: (signal) => process.exit(exitCode('interrupted', signal)),
    })
    this.#request = request
    this.#paths = createRunFolder(config.root, this.#id)
    this.#log = new Log(commandLog(this.#paths.logs))
    const rules = redactionRules(config)
    keepRules(this.#paths.folder, rules)
    this.#redaction = redactionBy(rules)
    this.#tail = new EventTail(this.#paths.folder, { redaction: this.#redaction })
    this.#guardian = new Guardian({ runFolder: this.#paths.folder, rollbackMs: config.timeouts.rollbackMs })
    const listener = {
      notice: (message: string) => this.#record({ type: 'notice', message }),
      lost: (reason: string) => {
        this.#record({ type: 'notice', message: reason })
        this.#cancel('the loss of its target')
      },
    }
    const writes = mode === 'experiment'
    this.#targets = targetSource(config, { guardian: this.#guardian, runFolder: this.#paths.folder, listener, writes })
    this.#files = new SpecFiles(config, this.#paths, { run: this.#id, mode, redaction: rules })
    this.#judge = new Judge({
      state: () => this.#state,
      interrupted: () => this.#cancellation.signal.aborted,
      record: (event, place) => this.#record({ ...event, ...place }),
      notice: (message) => this.#record({ type: 'notice', message }),
    })
    ownRun(this.#paths.folder, this.#guardian.pid)
    onPermissionNoted((permission) => this.#record({ type: 'permission-used', permission }))
    this.#tail.onEvent((event) => {
      this.#state = reduce(this.#state, event)
      if (event.type === 'action-started') this.#readyToUndo()
    })
    for (const reporter of request.shownBy) this.#tail.onEvent((event) => reporter.onEvent(event))
    this.#record(runStarted(this.#id, request))
    for (const message of unheededIn(config.traces.exports, process.env)) this.#record({ type: 'notice', message })
  }

  async play(): Promise<number> {
    this.#tail.start()
    try {
      const files = await this.#ready()
      const others = await this.#runSpecs(files)
      return await this.#conclude(others)
    } catch (error) {
      if (this.#cancellation.signal.aborted) return await this.#conclude([])
      await this.#giveUp(error)
      throw error
    } finally {
      await this.#targets.close()
      await this.#guardian.sayGoodbye()
      this.#tail.stop()
      // Not before: a lab that was still coming up has written into it until now.
      if (this.#isForgotten) rmSync(this.#paths.folder, { recursive: true, force: true })
      this.#forgetSignals()
    }
  }

  /** Collects the specs while the first target comes up. @returns how many spec files there are */
  async #ready(): Promise<number> {
    const prepare = async () => {
      const first = this.#targets.prepare(1)
      first.catch(() => undefined)
      const modules = await collectSpecs(this.#request.config, this.#request)
      for (const module of modules) this.#collected.set(module.moduleId, hypothesesOf(module))
      const files = modules.filter((module) => hypothesesOf(module).length > 0).length
      if (files === 0) throw noHypotheses(modules.length)
      await Promise.all([first, this.#targets.prepare(files)])
      return files
    }
    return await untilAborted(prepare(), this.#cancellation.signal)
  }

  /** @returns the verdicts of what belongs to no hypothesis */
  async #runSpecs(files: number): Promise<Verdict[]> {
    const { config, filters, shownBy, reporters = [] } = this.#request
    const redacting = new RedactingReporter(this.#redaction, (text) => {
      for (const reporter of shownBy) reporter.onConsole?.(text)
    })
    const vitest = await openVitest({
      config,
      request: this.#request,
      maxWorkers: Math.max(1, Math.min(files, this.#targets.atATime)),
      host: this,
      reporters: [redacting, ...reporters],
    })
    this.#vitest = vitest
    this.#cancellation.signal.addEventListener('abort', () => void vitest.cancelCurrentRun('keyboard-input'))
    const { testModules, unhandledErrors } = await vitest.start([...filters])
    await closeInTime(vitest)
    this.#tail.read()
    return [
      ...testModules.flatMap((module) => {
        const collected = this.#collected.get(module.moduleId) ?? []
        return this.#judge.judgeModule(module, this.#files.nameOf(module.moduleId), collected)
      }),
      ...unhandledErrors.map((error) => this.#judge.unhandled(error)),
    ]
  }

  async prepare(path: string): Promise<ReturnType<SpecFiles['contextOf']>> {
    const target = await this.#targets.acquire(path)
    if (this.#targets.isShared) this.#refuseWhileOwed()
    this.#held.set(path, target)
    return this.#files.contextOf(path, target)
  }

  /** What a file before this one could not put back must not be taken for this one's steady state. */
  #refuseWhileOwed(): void {
    if (!owes(this.#paths.folder)) return
    throw new ChaosError(
      'CHAOS_NOT_RESTORED',
      'This spec file was not run: the target is not as it was before the files that ran on it.',
      { verdict: 'not-restored' },
    )
  }

  async died(path: string): Promise<void> {
    const { unsettled } = await this.#recover(path)
    this.#tail.read()
    const reason = this.#judge.workerDied(this.#files.nameOf(path), unsettled)
    this.#tail.read()
    if (this.#vitest) await failUnfinished(this.#vitest, path, reason)
  }

  async release(path: string): Promise<void> {
    await this.#recover(path)
    const target = this.#held.get(path)
    if (target) await collectServiceSpans(target, this.#files.spansOf(path))
    await this.#targets.release(path)
  }

  async #recover(path: string): Promise<RecoveryReport> {
    const { rollbackMs } = this.#request.config.timeouts
    const settleUnless = this.#cancellation.signal
    return await recoverLog(this.#files.logOf(path), { by: 'command', deadlineMs: rollbackMs, settleUnless })
  }

  /** What an undo needs is loaded as soon as something is owed: a worker's death must not wait for it. */
  #readyToUndo(): void {
    UndoRegistry.load(undoModulesOf(this.#request.config)).catch(() => undefined)
  }

  #cancel(signal: string): void {
    this.#record({ type: 'interrupted', signal })
    writeFileSync(this.#paths.cancelled, signal)
    this.#cancellation.abort(
      new ChaosError('CHAOS_INTERRUPTED', `Interrupted by ${signal}.`, { verdict: 'interrupted' }),
    )
  }

  async #killWorkers(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((path) => killWriter(this.#files.logOf(path))))
  }

  /** The last rollback of the run, its verdict and its journal. @returns the exit code */
  async #conclude(others: Verdict[]): Promise<number> {
    const { config, shownBy } = this.#request
    await this.#recoverAll()
    this.#tail.read()
    const outcome = runVerdict(this.#state, { owed: owes(this.#paths.folder), others })
    const { readBack } = config.traces
    const notice = (message: string) => this.#record({ type: 'notice', message })
    // Who has cancelled a run has no time for what can be looked up later.
    if (readBack && !this.#cancellation.signal.aborted) {
      const { embedServiceSpans } = await import('./read-back.ts')
      await embedServiceSpans(readBack, { paths: this.#paths, state: this.#state, notice })
    }
    this.#record({ type: 'run-ended', ...outcome })
    this.#tail.read()
    writeTraces(this.#paths, this.#state)
    linkLatest(config.root, this.#id)
    pruneRuns(config.root, owes)
    for (const reporter of shownBy) reporter.onEnd(this.#paths.folder)
    if (!owes(this.#paths.folder)) forgetRules(this.#paths.folder)
    return outcome.exitCode
  }

  /** Ends a run that broke around its hypotheses. One that did nothing, because it was asked wrongly, is forgotten. */
  async #giveUp(error: unknown): Promise<void> {
    await this.#recoverAll()
    const verdict = isChaosError(error) ? error.verdict : 'failed'
    this.#isForgotten = verdict === 'usage'
    if (this.#isForgotten) return
    this.#record({ type: 'notice', message: messageOf(error) })
    this.#tail.read()
    this.#record({
      type: 'run-ended',
      ...runVerdict(this.#state, { owed: owes(this.#paths.folder), others: [verdict] }),
    })
    this.#tail.read()
    writeJournals(this.#paths.folder, this.#state)
    tryToReport(this.#paths.folder)
  }

  async #recoverAll(): Promise<void> {
    const { rollbackMs } = this.#request.config.timeouts
    await recoverRun(this.#paths.folder, { by: 'command', deadlineMs: rollbackMs })
  }

  #record(event: EventBody & Partial<Pick<ChaosEvent, 'file' | 'hypothesis'>>): void {
    this.#log.append({ ...event, at: systemClock.now() })
  }
}

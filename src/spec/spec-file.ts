import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync } from 'node:fs'
import type { EventBody } from '../journal/events.ts'
import { redactionBy } from '../journal/redaction.ts'
import { onPermissionNoted } from '../kubernetes/api/noted-permissions.ts'
import { openSession } from '../session/session.ts'
import { systemClock } from '../support/clock.ts'
import { ChaosError, messageOf } from '../support/errors.ts'
import { identityOf } from '../support/processes.ts'
import { ciAttributes } from '../tracing/ci.ts'
import type { SpanLoss } from '../tracing/delivery.ts'
import { remoteSpanIn } from '../tracing/propagation.ts'
import { createTracing, type Tracing } from '../tracing/provider.ts'
import { Actions } from '../undo/actions.ts'
import { Log } from '../undo/log.ts'
import type { Perform } from '../undo/perform.ts'
import { UndoRegistry } from '../undo/registry.ts'
import { awaitRecovery, type RollbackReport, rollBack } from '../undo/rollback.ts'
import type { WorkerContext } from './context.ts'
import { MethodGuards } from './method-guards.ts'
import { HypothesisProperties } from './properties.ts'
import { setRunningSpecFile } from './running.ts'
import { SpecSpans } from './spec-spans.ts'
import { SteadyStates } from './steady-states.ts'

/** Who calls: a phase of a hypothesis, with the signal that ends it. */
export interface Caller {
  hypothesis?: string
  signal: AbortSignal
}

/** How long a rollback waits for actions that are still under way. */
const inFlightLimitMs = 10_000

/** The running spec file: one per worker process, from its setup to its last rollback. */
export class SpecFile {
  readonly context: WorkerContext
  readonly tracing: Tracing
  readonly spans: SpecSpans
  readonly actions: Actions
  readonly steadyStates = new SteadyStates(this)
  readonly guards = new MethodGuards()
  readonly #log: Log
  readonly #registry: UndoRegistry
  readonly #cancellation = new AbortController()
  readonly #caller = new AsyncLocalStorage<Caller>()
  /** The experiments that run, also those that Vitest has given up on. */
  readonly #experiments = new Set<Promise<unknown>>()
  readonly #properties = new Map<string, HypothesisProperties>()
  /** What is still to be ended, and with which hypothesis; without one: with the file. */
  readonly #endings: { hypothesis: string | undefined; work: () => Promise<unknown> }[] = []

  constructor(context: WorkerContext, registry: UndoRegistry) {
    this.context = context
    this.#registry = registry
    this.#log = new Log(context.log)
    this.#log.appendDurably({
      record: 'header',
      version: 1,
      run: context.run,
      file: context.file,
      writer: identityOf(process.pid) ?? { pid: process.pid },
      target: context.target,
      undoModules: context.undoModules,
      root: context.root,
    })
    this.tracing = createTracing({
      serviceName: 'chaos-test',
      attributes: { 'chaos_test.run.id': context.run, ...ciAttributes(process.env) },
      exports: context.traceExports,
      env: process.env,
      redaction: redactionBy(context.redaction),
      parent: remoteSpanIn(process.env),
      onSpans: (spans) => appendFileSync(context.spans, `${JSON.stringify(spans)}\n`),
    })
    this.spans = new SpecSpans(this.tracing.tracer, context)
    this.actions = new Actions({
      log: this.#log,
      registry,
      file: context.file,
      caller: () => this.caller(),
      dryRun: context.mode === 'dry-run',
    })
    if (context.mode === 'steady-state') this.actions.closeFence('only the steady state is looked at.')
    onPermissionNoted((permission) => this.record({ type: 'permission-used', permission }))
    openSession({
      target: context.target,
      safety: context.safety,
      ...(context.prometheusUrl === undefined ? {} : { prometheusUrl: context.prometheusUrl }),
      ...(context.prometheusAccess === undefined ? {} : { prometheusAccess: context.prometheusAccess }),
      ...(context.traceLink === undefined ? {} : { traceLink: context.traceLink }),
      record: (event) => this.record(event),
      perform: this.#perform,
      tracer: this.tracing.tracer,
      signal: () => this.caller().signal,
      until: (signal, work) => this.as({ ...this.caller(), signal }, work),
      guardMethods: (guard) => this.guards.add(guard),
      atEnd: (work) => this.#endings.push({ hypothesis: this.caller().hypothesis, work }),
    })
    const { kind, name, namespace } = context.target
    this.record({ type: 'file-started', ...(kind === 'none' ? {} : { target: { kind, name, namespace } }) })
  }

  /** An action ends what the last check of the steady state told. */
  readonly #perform: Perform = (undo, description, action) => {
    this.steadyStates.expire()
    return this.spans.action(description, () => this.actions.perform(undo, description, action))
  }

  /** Aborts when the run is cancelled. */
  get cancelled(): AbortSignal {
    return this.#cancellation.signal
  }

  cancel(signal: string): void {
    const message = `The run was interrupted by ${signal}.`
    this.#cancellation.abort(new ChaosError('CHAOS_INTERRUPTED', message, { verdict: 'interrupted' }))
  }

  caller(): Caller {
    return this.#caller.getStore() ?? { signal: this.cancelled }
  }

  /** Runs `work` as one phase of a hypothesis: its actions and its events belong to it and end with its signal. */
  async as<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    return await this.#caller.run(caller, work)
  }

  record(event: EventBody): void {
    const { hypothesis } = this.caller()
    if (event.type === 'traffic-ended') this.spans.linkRequests(hypothesis, event.exemplars ?? [])
    const head = { at: systemClock.now(), file: this.context.file }
    if (hypothesis !== undefined) this.propertiesOf(hypothesis).hear(event, head.at)
    this.#log.append({ ...event, ...head, ...(hypothesis === undefined ? {} : { hypothesis }) })
  }

  /** What is known so far of a hypothesis. */
  propertiesOf(hypothesis: string): HypothesisProperties {
    const known = this.#properties.get(hypothesis) ?? new HypothesisProperties(this.context.traceLink)
    this.#properties.set(hypothesis, known)
    return known
  }

  /** Keeps hold of an experiment until it has ended, whatever Vitest does. */
  async run(experiment: Promise<void>): Promise<void> {
    this.#experiments.add(experiment)
    try {
      await experiment
    } finally {
      this.#experiments.delete(experiment)
    }
  }

  /**
   * Undoes what a hypothesis did, or all that is owed, once nothing is under way. Actions are refused meanwhile. When
   * the run was not cancelled, it also waits until the target has settled.
   */
  async rollBack(hypothesis?: string): Promise<RollbackReport> {
    return await this.actions.whileFenced('a rollback has begun.', async () => {
      const underWay = await this.actions.settled(inFlightLimitMs)
      if (underWay.size > 0) this.actions.closeFence('an action is still under way after its rollback.')
      const options = {
        underWay,
        registry: this.#registry,
        target: this.context.target,
        by: 'worker' as const,
        around: this.spans.undo,
        deadlineMs: this.context.timeouts.rollbackMs,
        ...(hypothesis === undefined ? {} : { hypothesis }),
      }
      const report = await rollBack(this.#log, options)
      if (!this.cancelled.aborted) await awaitRecovery(report, options)
      return report
    })
  }

  /**
   * Ends what goes on, such as users' traffic, that belongs to a hypothesis, or to the file.
   *
   * @returns what went wrong: also with what goes on beyond the hypothesis
   */
  async endAll(hypothesis?: string): Promise<Set<unknown>> {
    const meant = this.#endings.filter((ending) => ending.hypothesis === hypothesis)
    for (const ending of meant) this.#endings.splice(this.#endings.indexOf(ending), 1)
    const known = this.guards.reasons
    const ended = await Promise.allSettled(meant.map(({ work }) => work()))
    return new Set([...known, ...ended.filter(isRejected).map(({ reason }) => reason)])
  }

  /** The last rollback of the file. After it, nothing may touch the target. */
  async end(): Promise<RollbackReport> {
    await Promise.allSettled(this.#experiments)
    this.actions.closeFence('the spec file has ended.')
    const report = await this.rollBack()
    for (const error of await this.endAll()) this.record({ type: 'notice', message: messageOf(error) })
    await this.tracing.shutdown()
    for (const loss of this.tracing.losses) this.record({ type: 'notice', message: wordsFor(loss) })
    this.record({ type: 'file-ended' })
    return report
  }
}

function wordsFor({ to, spans, reason }: SpanLoss): string {
  const why = reason ?? 'they were not taken in time'
  return `${spans} ${spans === 1 ? 'span was' : 'spans were'} lost on the way to ${to}: ${why}. No verdict depends on them.`
}

/** Opens the spec file of this worker. */
export async function openSpecFile(context: WorkerContext): Promise<SpecFile> {
  const file = new SpecFile(context, await UndoRegistry.load(context.undoModules))
  setRunningSpecFile(file)
  return file
}

function isRejected(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  return result.status === 'rejected'
}

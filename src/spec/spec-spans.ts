import type { Phase, RequestExemplar } from '../journal/events.ts'
import { phaseSpanNames, undoSpanName } from '../journal/spans.ts'
import { rootSpanOf } from '../tracing/request-ids.ts'
import type { SpanAttributes, SpanReference, Tracer, TraceSpan } from '../tracing/tracer.ts'
import type { IntentRecord } from '../undo/log.ts'
import type { ActionDescription } from '../undo/perform.ts'
import type { WorkerContext } from './context.ts'
import type { HypothesisPlan } from './experiment.ts'
import type { Miss } from './outcome.ts'

/** Of each hypothesis, at the most so many requests are referred to: a span has room for 128. */
const mostLinkedRequests = 50

/**
 * The spans of a spec file: an experiment with its phases, and in these the probes, the actions and the undos.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/test/
 */
export class SpecSpans {
  readonly #tracer: Tracer
  readonly #context: WorkerContext
  /** The experiments that run, by their ids, and how many requests each refers to. */
  readonly #experiments = new Map<string, { span: TraceSpan; linked: number }>()
  /** The checks of `beforeAll`, which stand in traces of their own. */
  readonly #establishing: SpanReference[] = []

  constructor(tracer: Tracer, context: WorkerContext) {
    this.#tracer = tracer
    this.#context = context
  }

  async experiment<T>({ id, title, expected }: HypothesisPlan, work: (span: TraceSpan) => Promise<T>): Promise<T> {
    const { kind, name, namespace } = this.#context.target
    const attributes = {
      'test.case.name': title,
      'test.suite.name': this.#context.file,
      'chaos_test.expected': expected,
      'chaos_test.target.kind': kind,
      ...(kind === 'none' ? {} : { 'k8s.cluster.name': name, 'k8s.namespace.name': namespace }),
    }
    return await this.#tracer.span(title, attributes, async (span) => {
      this.#experiments.set(id, { span, linked: 0 })
      try {
        return await work(span)
      } finally {
        this.#experiments.delete(id)
      }
    })
  }

  async phase<T>(phase: Phase, work: (span: TraceSpan) => Promise<T>): Promise<T> {
    return await this.#tracer.span(phaseSpanNames[phase], { 'chaos_test.phase': phase }, async (span) => {
      if (phase === 'before') for (const check of this.#establishing) span.addLink(check)
      return await work(span)
    })
  }

  /** A check of the steady state. One that is not met is an error. */
  async probe<T>(title: string, phase: Phase, work: () => Promise<T>): Promise<T> {
    const attributes = { 'chaos_test.activity': 'probe', 'chaos_test.phase': phase }
    return await this.#tracer.span(`steady state: ${title}`, attributes, (span) => {
      if (this.#experiments.size === 0) this.#establishing.push(span)
      return work()
    })
  }

  async action<T>({ title }: ActionDescription, work: () => Promise<T>): Promise<T> {
    return await this.#tracer.span(title, { 'chaos_test.activity': 'action' }, work)
  }

  /** An undo, or the waiting until the target has settled after it. */
  readonly undo = async <T>(
    { action, title, undo }: IntentRecord,
    step: 'undo' | 'settle',
    work: () => Promise<T>,
  ): Promise<T> => {
    const name = step === 'undo' ? undoSpanName(title) : `settle: ${title}`
    const attributes = {
      'chaos_test.activity': step,
      'chaos_test.action.id': action,
      'chaos_test.undo.kind': undo.kind,
      'chaos_test.undo.by': 'worker',
    }
    return await this.#tracer.span(name, attributes, work)
  }

  /** The requests refer to the experiment; now it refers to those that are worth a look. */
  linkRequests(hypothesis: string | undefined, exemplars: readonly RequestExemplar[]): void {
    const experiment = this.#experiments.get(hypothesis ?? '')
    if (!experiment) return
    for (const { traceId, outcome, latencyMs } of exemplars.slice(0, mostLinkedRequests - experiment.linked)) {
      experiment.span.addLink(rootSpanOf(traceId), {
        'chaos_test.outcome': outcome,
        'chaos_test.latency_ms': latencyMs,
      })
      experiment.linked += 1
    }
  }
}

/** What an experiment came to. `test.case.result.status` knows only two: the verdict says the rest. */
export function verdictAttributes(miss: Miss | undefined, misses: readonly Miss[]): SpanAttributes {
  return {
    'test.case.result.status': miss ? 'fail' : 'pass',
    'chaos_test.verdict': miss?.verdict ?? 'held',
    'chaos_test.deviated': misses.some(({ verdict }) => verdict === 'deviated'),
  }
}

import { Counter, Gauge, type Registry } from 'prom-client'
import type { ChaosEvent } from '../../src/journal/events.ts'
import { reduce } from '../../src/journal/reduce.ts'
import { currentPhase, emptyRun, hypothesesOf, isOwed, type RunState } from '../../src/journal/state.ts'
import { severity } from '../../src/journal/verdict.ts'

const phases = ['before', 'method', 'after', 'rollback', 'restored'] as const
const undoStatuses = ['undone', 'target-gone', 'failed'] as const

/** What the run itself does: verdicts, phases, actions, undos, and what is owed to the targets at the moment. */
export class RunMetrics {
  readonly #verdicts: Counter<'verdict'>
  readonly #phases: Gauge<'phase'>
  readonly #actions: Counter<'outcome'>
  readonly #undos: Counter<'status' | 'by'>
  readonly #owed: Gauge
  readonly #latency: Gauge<'traffic' | 'file' | 'quantile'>
  #state: RunState = emptyRun

  constructor(registry: Registry) {
    const registers = [registry]
    this.#verdicts = new Counter({
      ...{ name: 'chaos_test_hypotheses_total', help: 'Hypotheses that have ended, by what they count as.' },
      ...{ labelNames: ['verdict'], registers },
    })
    this.#phases = new Gauge({
      ...{ name: 'chaos_test_hypotheses_in_phase', help: 'Hypotheses that are in a phase now.' },
      ...{ labelNames: ['phase'], registers },
    })
    this.#actions = new Counter({
      ...{ name: 'chaos_test_actions_total', help: 'Actions that have ended.' },
      ...{ labelNames: ['outcome'], registers },
    })
    this.#undos = new Counter({
      ...{
        name: 'chaos_test_undos_total',
        help: 'Attempts to undo an action, by what came of them and who made them.',
      },
      ...{ labelNames: ['status', 'by'], registers },
    })
    this.#owed = new Gauge({
      ...{ name: 'chaos_test_owed_undos', help: 'Actions that are not undone yet.', registers },
    })
    this.#latency = new Gauge({
      ...{
        name: 'chaos_test_request_latency_seconds',
        help: 'From the planned time of a request to its end, in the latest second.',
      },
      ...{ labelNames: ['traffic', 'file', 'quantile'], registers },
    })
    for (const verdict of severity) this.#verdicts.inc({ verdict }, 0)
    for (const outcome of ['done', 'failed']) this.#actions.inc({ outcome }, 0)
    for (const status of undoStatuses) this.#undos.inc({ status, by: 'worker' }, 0)
  }

  onEvent(event: ChaosEvent): void {
    this.#state = reduce(this.#state, event)
    if (event.type === 'action-ended') this.#actions.inc({ outcome: event.error ? 'failed' : 'done' })
    if (event.type === 'undo-ended') this.#undos.inc({ status: event.status, by: event.by })
    if (event.type === 'hypothesis-ended') {
      const ended = hypothesesOf(this.#state).find(({ id }) => id === event.hypothesis)
      this.#verdicts.inc({ verdict: ended?.outcome?.verdict ?? event.verdict })
    }
    if (event.type === 'traffic-progress' && event.latencyMs) {
      const { p50, p90, p99 } = event.latencyMs
      const labels = { traffic: event.traffic, file: event.file ?? '' }
      for (const [quantile, latencyMs] of Object.entries({ '0.5': p50, '0.9': p90, '0.99': p99 })) {
        this.#latency.set({ ...labels, quantile }, latencyMs / 1000)
      }
    }
    this.#count()
  }

  #count(): void {
    const hypotheses = hypothesesOf(this.#state)
    const running = hypotheses.filter(({ outcome }) => !outcome).map(currentPhase)
    for (const phase of phases) this.#phases.set({ phase }, running.filter((each) => each === phase).length)
    const scopes = [this.#state, ...this.#state.files, ...hypotheses]
    this.#owed.set(scopes.flatMap(({ actions }) => actions).filter(isOwed).length)
  }
}

import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import { monotonicClock } from '../support/clock.ts'
import { within } from '../support/deadline.ts'
import { messageOf } from '../support/errors.ts'
import type { NamedExporter } from './exporters.ts'

/** How long an export may go unanswered before nobody waits for it: what a dead collector can cost the end of a run. */
const patienceMs = 1000
const deliverEveryMs = 500
const queueLimit = 10_000

/** Spans that did not arrive where they were sent to. */
export interface SpanLoss {
  /** Where to. */
  to: string
  spans: number
  /** What was last heard of it; absent where nothing was: it is slow, or there were too many at once. */
  reason?: string
}

/**
 * Hands spans on in batches, over a queue with a limit, and knows how many it lost. What becomes of them reaches nobody
 * else: it never throws, and takes a second at the most. Where exports have gone unanswered, that second has begun with the
 * oldest of them: a collector that is dead when the run ends does not hold it up any longer.
 */
export class Delivery {
  readonly #batches: BatchSpanProcessor
  readonly #exporter: SpanExporter
  readonly #to: string
  #pending = 0
  #lost = 0
  #reason: string | undefined
  #ended = false
  /** When those exports began that are not answered yet, the oldest first. */
  readonly #unanswered = new Set<{ sinceMs: number }>()

  constructor({ name, exporter }: NamedExporter) {
    this.#to = name
    this.#exporter = exporter
    this.#batches = new BatchSpanProcessor(
      {
        export: (spans, done) => {
          const underWay = { sinceMs: monotonicClock.now() }
          this.#unanswered.add(underWay)
          exporter.export(spans, (result) => {
            this.#unanswered.delete(underWay)
            this.#pending -= spans.length
            if (result.code !== 0) {
              this.#lost += spans.length
              this.#reason = result.error ? messageOf(result.error) : this.#reason
            }
            done(result)
          })
        },
        shutdown: () => exporter.shutdown(),
      },
      { scheduledDelayMillis: deliverEveryMs, maxQueueSize: queueLimit },
    )
  }

  /** After the end, what has not arrived is lost too. */
  get loss(): SpanLoss {
    const spans = this.#lost + (this.#ended ? this.#pending : 0)
    return { to: this.#to, spans, ...(this.#reason ? { reason: this.#reason } : {}) }
  }

  add(span: ReadableSpan): void {
    if (this.#ended || this.#pending >= queueLimit) {
      this.#lost++
      return
    }
    this.#pending++
    this.#batches.onEnd(span)
  }

  async flush(): Promise<void> {
    await this.#inTime(async () => {
      await this.#batches.forceFlush()
      await this.#exporter.forceFlush?.()
    })
  }

  async shutdown(): Promise<void> {
    this.#ended = true
    await this.#inTime(() => this.#batches.shutdown())
  }

  /** What cannot be delivered in time is lost, and counted: that is no reason to fail a run, or to hold it up. */
  async #inTime(work: () => Promise<void>): Promise<void> {
    const [oldest] = this.#unanswered
    const waitedMs = oldest ? monotonicClock.now() - oldest.sinceMs : 0
    const leftMs = Math.max(0, patienceMs - waitedMs)
    await within(leftMs, () => new Error('not delivered in time'), work).catch(() => undefined)
  }
}

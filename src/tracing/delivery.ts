import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import { within } from '../support/deadline.ts'
import { messageOf } from '../support/errors.ts'
import type { NamedExporter } from './exporters.ts'

/** How long a flush or the shutdown may take: what a dead collector can cost a run. */
const flushBudgetMs = 1000
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
 * else: it never throws, and takes a second at the most.
 */
export class Delivery {
  readonly #batches: BatchSpanProcessor
  readonly #exporter: SpanExporter
  readonly #to: string
  #pending = 0
  #lost = 0
  #reason: string | undefined
  #ended = false

  constructor({ name, exporter }: NamedExporter) {
    this.#to = name
    this.#exporter = exporter
    this.#batches = new BatchSpanProcessor(
      {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.#pending -= spans.length
            if (result.code !== 0) {
              this.#lost += spans.length
              this.#reason = result.error ? messageOf(result.error) : this.#reason
            }
            done(result)
          }),
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
    await inTime(async () => {
      await this.#batches.forceFlush()
      await this.#exporter.forceFlush?.()
    })
  }

  async shutdown(): Promise<void> {
    this.#ended = true
    await inTime(() => this.#batches.shutdown())
  }
}

/** What cannot be delivered in time is lost, and counted: that is no reason to fail a run, or to hold it up. */
async function inTime(work: () => Promise<void>): Promise<void> {
  await within(flushBudgetMs, () => new Error('not delivered in time'), work).catch(() => undefined)
}

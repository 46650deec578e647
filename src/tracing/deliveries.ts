import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { RedactOptions } from '../journal/redact.ts'
import type { Delivery } from './delivery.ts'
import { redactedSpan } from './redacted-span.ts'

/** Passes every span that has ended on to each delivery, for everyone's eyes. */
export class Deliveries implements SpanProcessor {
  readonly #deliveries: readonly Delivery[]
  readonly #redaction: RedactOptions

  constructor(deliveries: readonly Delivery[], redaction: RedactOptions) {
    this.#deliveries = deliveries
    this.#redaction = redaction
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const shown = redactedSpan(span, this.#redaction)
    for (const delivery of this.#deliveries) delivery.add(shown)
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()))
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.shutdown()))
  }
}

import { type Context, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { type ReadableSpan, type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { RedactOptions } from '../journal/redact.ts'
import { SecondlyBudget } from './budget.ts'
import type { Delivery } from './delivery.ts'
import { redactedSpan } from './redacted-span.ts'
import { SlowestSpans } from './slowest.ts'
import { usersRequest } from './spans.ts'

/** Samples every span, and of users' requests so many in a second. What is not sampled is recorded all the same. */
export class RequestSampler implements Sampler {
  readonly #budget: SecondlyBudget

  constructor(perSecond: number) {
    this.#budget = new SecondlyBudget(perSecond)
  }

  shouldSample(context: Context) {
    const sampled = context.getValue(usersRequest) !== true || this.#budget.take()
    return { decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD }
  }
}

export interface KeptSpansOptions {
  /** From when on a span is slow. */
  slowMs: number
  redaction: RedactOptions
}

/** Passes on what was sampled, and what turned out to be worth it: errors and slow ones. */
export class KeptSpans implements SpanProcessor {
  readonly #deliveries: readonly Delivery[]
  readonly #slowMs: number
  readonly #redaction: RedactOptions
  readonly #slowest = new SlowestSpans()

  constructor(deliveries: readonly Delivery[], { slowMs, redaction }: KeptSpansOptions) {
    this.#deliveries = deliveries
    this.#slowMs = slowMs
    this.#redaction = redaction
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const isAmongSlowest = this.#slowest.enter(span)
    if (isSampled(span)) this.#deliver(span)
    else if (isAmongSlowest || this.#isWorthKeeping(span)) this.#deliver(asSampled(span))
  }

  #deliver(span: ReadableSpan): void {
    const shown = redactedSpan(span, this.#redaction)
    for (const delivery of this.#deliveries) delivery.add(shown)
  }

  #isWorthKeeping({ status, duration: [seconds, nanoseconds] }: ReadableSpan): boolean {
    return status.code === SpanStatusCode.ERROR || seconds * 1000 + nanoseconds / 1e6 >= this.#slowMs
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()))
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.shutdown()))
  }
}

function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
}

/** The same span, for a processor that passes on only what is sampled. */
function asSampled(span: ReadableSpan): ReadableSpan {
  const spanContext = { ...span.spanContext(), traceFlags: TraceFlags.SAMPLED }
  return Object.create(span, { spanContext: { value: () => spanContext } })
}

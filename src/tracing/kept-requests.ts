import { ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node'
import { SecondlyBudget } from './budget.ts'
import type { StartedRequest } from './request-span.ts'
import { SlowestSpans } from './slowest.ts'
import type { RequestEnd } from './tracer.ts'

export interface KeptRequestsOptions {
  /** Of which part of the users' requests the trace may be kept whatever comes of them: from 0 to 1. @default 1 */
  ratio?: number
  /** Of how many users' requests in a second the trace is kept, whatever comes of them. */
  perSecond: number
  /** Requests that took at least that long are kept beyond it. */
  slowMs: number
}

/** Decides which users' requests have a span: some of each second, the errors, the slow ones and the slowest. */
export class KeptRequests {
  readonly #budget: SecondlyBudget
  readonly #ratio: TraceIdRatioBasedSampler
  readonly #slowMs: number
  readonly #slowest = new SlowestSpans()

  constructor({ perSecond, slowMs, ratio = 1 }: KeptRequestsOptions) {
    this.#ratio = new TraceIdRatioBasedSampler(ratio)
    this.#budget = new SecondlyBudget(perSecond)
    this.#slowMs = slowMs
  }

  /** Whether a request is kept that starts now: whoever is called is told, so that the spans behind it are kept, too. */
  takesFromStart(traceId: string): boolean {
    const { decision } = this.#ratio.shouldSample(ROOT_CONTEXT, traceId)
    return decision === SamplingDecision.RECORD_AND_SAMPLED && this.#budget.take()
  }

  /** Whether one that has ended turned out to be worth it. Each must be shown, also those that are kept from the start. */
  takesAtEnd({ attributes }: StartedRequest, durationMs: number, { error, latencyMs }: RequestEnd): boolean {
    const isAmongSlowest = latencyMs !== undefined && this.#slowest.enter(attributes, latencyMs)
    return isAmongSlowest || error !== undefined || durationMs >= this.#slowMs
  }
}

import { ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node'
import { SecondlyBudget } from './budget.ts'
import type { RequestEnd } from './tracer.ts'

export interface KeptRequestsOptions {
  /** Of which part of the users' requests the trace may be kept whatever comes of them: from 0 to 1. @default 1 */
  ratio?: number
  /** Of how many users' requests in a second the trace is kept, whatever comes of them. */
  perSecond: number
  /** Requests that took at least that long are kept beyond it, as those that failed are. */
  slowMs: number
}

/**
 * Of how many requests in a second the span is kept because they failed or were slow. Without a bound, users of a service
 * that stands still would spend their time on spans, be late themselves, and so be slow for longer than the service is.
 */
const failedOrSlowPerSecond = 100

/** Decides which users' requests have a span: some of each second, and some of the errors and the slow ones. */
export class KeptRequests {
  readonly #fromStart: SecondlyBudget
  readonly #atEnd = new SecondlyBudget(failedOrSlowPerSecond)
  readonly #ratio: TraceIdRatioBasedSampler
  readonly #slowMs: number

  constructor({ perSecond, slowMs, ratio = 1 }: KeptRequestsOptions) {
    this.#ratio = new TraceIdRatioBasedSampler(ratio)
    this.#fromStart = new SecondlyBudget(perSecond)
    this.#slowMs = slowMs
  }

  /** Whether a request is kept that starts now: whoever is called is told, so that the spans behind it are kept, too. */
  takesFromStart(traceId: string): boolean {
    const { decision } = this.#ratio.shouldSample(ROOT_CONTEXT, traceId)
    return decision === SamplingDecision.RECORD_AND_SAMPLED && this.#fromStart.take()
  }

  /** Whether one that was not kept from the start, and has ended, turned out to be worth it. */
  takesAtEnd(durationMs: number, { error }: RequestEnd): boolean {
    return (error !== undefined || durationMs >= this.#slowMs) && this.#atEnd.take()
  }
}

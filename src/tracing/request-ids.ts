import { randomBytes } from 'node:crypto'
import type { IdGenerator } from '@opentelemetry/sdk-trace-node'
import type { SpanReference } from './tracer.ts'

/**
 * Random ids, of which a trace's id ends in that of its outermost span, as it is the custom with B3: whoever knows only
 * the trace of a users' request can refer to its span.
 */
export class RootedIds implements IdGenerator {
  #latestSpanId = ''

  generateSpanId(): string {
    this.#latestSpanId = randomHex(8)
    return this.#latestSpanId
  }

  /** The SDK asks for it after the span's, and only for a span without a parent. */
  generateTraceId(): string {
    return randomHex(8) + this.#latestSpanId
  }
}

/** The outermost span of a trace that was begun here. */
export function rootSpanOf(traceId: string): SpanReference {
  return { traceId, spanId: traceId.slice(16) }
}

/** Never only zeros, which would be no id. */
function randomHex(bytes: number): string {
  const hex = randomBytes(bytes).toString('hex')
  return /[1-9a-f]/.test(hex) ? hex : randomHex(bytes)
}

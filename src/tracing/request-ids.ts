import { randomFillSync } from 'node:crypto'
import type { IdGenerator } from '@opentelemetry/sdk-trace-node'
import type { SpanReference } from './tracer.ts'

/**
 * Random ids, of which a trace's id ends in that of its outermost span, as it is the custom with B3: whoever knows only
 * the trace of a users' request can refer to its span.
 */
export class RootedIds implements IdGenerator {
  #latestSpanId = ''
  #handedIn: SpanReference | undefined

  generateSpanId(): string {
    this.#latestSpanId = this.#handedIn?.spanId ?? rootSpanOf(this.newTraceId()).spanId
    return this.#latestSpanId
  }

  /** The SDK asks for it after the span's, and only for a span without a parent. */
  generateTraceId(): string {
    return this.#handedIn?.traceId ?? randomHex(8) + this.#latestSpanId
  }

  /** The id of a trace whose outermost span may be made later, or never: `rootSpanOf` has that span's. */
  newTraceId(): string {
    const traceId = randomHex(16)
    return rootSpanOf(traceId).spanId === noId ? this.newTraceId() : traceId
  }

  /** Whatever span `make` starts is that one. */
  as<T>(root: SpanReference, make: () => T): T {
    this.#handedIn = root
    try {
      return make()
    } finally {
      this.#handedIn = undefined
    }
  }
}

/** The outermost span of a trace that was begun here. */
export function rootSpanOf(traceId: string): SpanReference {
  return { traceId, spanId: traceId.slice(16) }
}

const noId = '0'.repeat(16)

/** Random bytes are cheap by the thousand, and so are their digits. */
const pool = Buffer.alloc(2048)
let digits = ''
let used = 0

function randomHex(bytes: number): string {
  if (used + 2 * bytes > digits.length) {
    digits = randomFillSync(pool).toString('hex')
    used = 0
  }
  used += 2 * bytes
  return digits.slice(used - 2 * bytes, used)
}

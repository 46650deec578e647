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
    this.#latestSpanId = this.#handedIn?.spanId ?? randomHex()
    return this.#latestSpanId
  }

  /** The SDK asks for it after the span's, and only for a span without a parent. */
  generateTraceId(): string {
    return this.#handedIn?.traceId ?? randomHex() + this.#latestSpanId
  }

  /** The ids of a trace whose outermost span may be made later, or never. */
  newRoot(): SpanReference {
    const spanId = randomHex()
    return { traceId: randomHex() + spanId, spanId }
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

/** Random bytes are cheap by the thousand. */
const pool = Buffer.alloc(8192)
let used = pool.length

/** Eight bytes. Never only zeros, which would be no id. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const hex = pool.toString('hex', used, used + 8)
  used += 8
  return /[1-9a-f]/.test(hex) ? hex : randomHex()
}

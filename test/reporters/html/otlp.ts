import type { KeyValue, OtlpSpan, ResourceSpans } from '../../../reporters/html/otlp.ts'

/** An attribute with a text or a number. */
export function attribute(key: string, value: string | number): KeyValue {
  return { key, value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value } }
}

export interface SpanOptions {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  /** Milliseconds since the epoch. */
  from: number
  durationMs: number
  attributes?: KeyValue[]
  links?: Array<{ traceId: string; spanId: string }>
  /** What its status says; absent where it is well. */
  error?: string
}

export function span({ from, durationMs, error, ...rest }: SpanOptions): OtlpSpan {
  const nanoseconds = (milliseconds: number) => String(BigInt(Math.round(milliseconds * 1000)) * 1000n)
  return {
    kind: 2,
    ...rest,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(from + durationMs),
    ...(error === undefined ? {} : { status: { code: 2, message: error } }),
  }
}

/** The export of a service. */
export function exported(service: string, spans: OtlpSpan[], attributes: KeyValue[] = []): ResourceSpans {
  return { resource: { attributes: [attribute('service.name', service), ...attributes] }, scopeSpans: [{ spans }] }
}

/** An id of so many hexadecimal digits. */
export function hex(number: number, digits: 16 | 32): string {
  return number.toString(16).padStart(digits, '0')
}

export interface RequestOptions {
  number: number
  at: number
  latencyMs: number
  outcome?: string
  status?: number
  isFailed?: boolean
  /** The trace of the hypothesis; absent of requests that a hook sent. */
  linkedTo?: string
}

/** A users' request through two services, as the traffic and the services export it. */
export function request(options: RequestOptions): ResourceSpans[] {
  const { number, at, latencyMs, outcome = '2xx', status = 200, isFailed = false, linkedTo } = options
  const traceId = hex(number + 0xa0000, 32)
  const id = (place: number) => hex(number * 8 + place + 0x10000, 16)
  const users = span({
    traceId,
    spanId: id(0),
    name: 'GET /',
    from: at,
    durationMs: latencyMs,
    attributes: [
      attribute('chaos_test.traffic', 'users'),
      attribute('url.full', 'http://127.18.67.10/'),
      attribute('chaos_test.outcome', outcome),
      attribute('chaos_test.latency_ms', latencyMs),
      attribute('http.response.status_code', status),
    ],
    ...(isFailed ? { error: outcome } : {}),
    ...(linkedTo === undefined ? {} : { links: [{ traceId: linkedTo, spanId: hex(1, 16) }] }),
  })
  const inside = { traceId, from: at + 1, durationMs: Math.max(0, latencyMs - 2) }
  const first = span({ ...inside, spanId: id(1), parentSpanId: id(0), name: 'fetch-counter' })
  const second = span({ ...inside, spanId: id(2), parentSpanId: id(1), name: 'next-count' })
  return [
    exported('chaos-test', [users]),
    exported('service1', [first], [attribute('service.instance.id', 'service1-6ff559dd4f-m7z4k')]),
    exported('service2', [second], [attribute('service.instance.id', 'service2-6659fc8b54-nk8qd')]),
  ]
}

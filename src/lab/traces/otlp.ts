/** The OTLP/JSON shape of traces, as far as the lab looks into it: what it does not know it hands on as it came. */
export interface TracesData {
  resourceSpans: ResourceSpans[]
}

export interface ResourceSpans {
  resource?: object
  scopeSpans: ScopeSpans[]
}

export interface ScopeSpans {
  scope?: object
  spans: Span[]
}

export interface Span {
  /** 32 hexadecimal digits, in lower case. */
  traceId: string
  /** 16 hexadecimal digits, in lower case. */
  spanId: string
  [field: string]: unknown
}

/** What was sent is no OTLP. */
export class OtlpError extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'OtlpError'
  }
}

/**
 * Reads an `ExportTraceServiceRequest` in OTLP/JSON.
 *
 * @throws OtlpError
 */
export function tracesFromJson(text: string): TracesData {
  const { resourceSpans } = objectOf(parse(text), 'the request')
  return {
    resourceSpans: listOf(resourceSpans, 'resourceSpans').map((entry) => {
      const group = objectOf(entry, 'resourceSpans[]')
      return { ...group, scopeSpans: listOf(group.scopeSpans, 'scopeSpans').map(scopeSpansOf) }
    }),
  }
}

function scopeSpansOf(entry: unknown): ScopeSpans {
  const group = objectOf(entry, 'scopeSpans[]')
  return { ...group, spans: listOf(group.spans, 'spans').map(spanOf) }
}

function spanOf(entry: unknown): Span {
  const span = objectOf(entry, 'spans[]')
  return { ...span, traceId: idOf(span.traceId, 32, 'traceId'), spanId: idOf(span.spanId, 16, 'spanId') }
}

function idOf(value: unknown, digits: number, name: string): string {
  if (typeof value === 'string' && value.length === digits && /^[\da-f]+$/i.test(value)) return value.toLowerCase()
  throw new OtlpError(`${name} must be ${digits} hexadecimal digits, and is ${JSON.stringify(value)}`)
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new OtlpError('the body is not JSON', { cause: error })
  }
}

export function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new OtlpError(`${name} must be an object`)
}

export function listOf(value: unknown, name: string): unknown[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw new OtlpError(`${name} must be a list`)
}

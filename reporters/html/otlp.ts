/** What the report reads of OTLP JSON (opentelemetry.io/docs/specs/otlp): all of it may be missing in a foreign export. */
export interface ResourceSpans {
  resource?: { attributes?: KeyValue[] }
  scopeSpans?: Array<{ spans?: OtlpSpan[] }>
}

export interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name?: string
  kind?: number
  /** Nanoseconds since the epoch, as text: they are too many for a number. */
  startTimeUnixNano?: string
  endTimeUnixNano?: string
  attributes?: KeyValue[]
  events?: Array<{ timeUnixNano?: string; name?: string; attributes?: KeyValue[] }>
  links?: Array<{ traceId: string; spanId: string }>
  status?: { code?: number; message?: string }
}

export interface KeyValue {
  key: string
  value?: AnyValue
}

export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: number | string
  doubleValue?: number
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: KeyValue[] }
  bytesValue?: string
}

export const errorStatus = 2

/** A value for people. */
export function textOf(value: AnyValue | undefined): string {
  if (value === undefined) return ''
  if (value.arrayValue) return `[${(value.arrayValue.values ?? []).map(textOf).join(', ')}]`
  if (value.kvlistValue) {
    return `{${(value.kvlistValue.values ?? []).map(({ key, value: item }) => `${key}: ${textOf(item)}`).join(', ')}}`
  }
  return String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.bytesValue ?? '')
}

export function attributeOf(attributes: readonly KeyValue[] | undefined, key: string): AnyValue | undefined {
  return attributes?.find((attribute) => attribute.key === key)?.value
}

/** Milliseconds since the epoch, to the microsecond. */
export function millisecondsOf(nanoseconds: string | undefined): number {
  return Number(BigInt(nanoseconds ?? 0) / 1000n) / 1000
}

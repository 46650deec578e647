import type { JsonValue } from './json.ts'
import { isSecretName, type RedactOptions, redact, redacted } from './redact.ts'

/**
 * A copy of spans in OTLP JSON for everyone's eyes. Their attributes are `{ key, value }` pairs, of which those with a
 * secret name lose their value; every text loses what a form or the caller marks as secret.
 */
export function redactSpans(spans: readonly unknown[], options: RedactOptions): unknown[] {
  return spans.map((span) => redactNode(span as JsonValue, options))
}

function redactNode(value: JsonValue, options: RedactOptions): JsonValue {
  if (typeof value === 'string') return isId(value) ? value : redact(value, options)
  if (Array.isArray(value)) return value.map((item) => redactNode(item, options))
  if (value === null || typeof value !== 'object') return value
  const { key } = value
  if (typeof key === 'string' && isSecretName(key)) return { key, value: { stringValue: redacted } }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactNode(item, options)]))
}

/** Ids and times are most of the texts, and hold no secrets. */
function isId(text: string): boolean {
  return text.length <= 32 && /^[0-9a-f]*$/.test(text) && [16, 19, 32].includes(text.length)
}

import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import { isSecretName, type RedactOptions, redacted, redactText } from '../journal/redact.ts'

type Attributes = ReadableSpan['attributes']

/** The same span for everyone's eyes: no text of it shows what a name, a form or the options mark as secret. */
export function redactedSpan(span: ReadableSpan, options: RedactOptions): ReadableSpan {
  const { status, events, links } = span
  const text = (value: string) => redactText(value, options)
  const values = {
    name: text(span.name),
    attributes: redactAttributes(span.attributes, options),
    events: events.map((event) => ({
      ...event,
      name: text(event.name),
      ...(event.attributes ? { attributes: redactAttributes(event.attributes, options) } : {}),
    })),
    links: links.map((link) => ({
      ...link,
      ...(link.attributes ? { attributes: redactAttributes(link.attributes, options) } : {}),
    })),
    status: status.message === undefined ? status : { ...status, message: text(status.message) },
  }
  return Object.create(span, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])))
}

export function redactAttributes(attributes: Attributes, options: RedactOptions): Attributes {
  const entries = Object.entries(attributes).map(([name, value]): [string, Attributes[string]] => {
    if (typeof value !== 'string') return [name, value]
    return [name, isSecretName(name) ? redacted : redactText(value, options)]
  })
  return Object.fromEntries(entries)
}

import { redacted } from '../../journal/redact.ts'
import type { ApiResource } from '../api/api-resources.ts'

/** What a Secret keeps, as a field or as the path of one. */
const secretField = /^\/?(data|stringData)(\/|$)/

/** What may be told of fields of an object, by their names or their paths: of a Secret which keys it has, and no value. */
export function shownOf({ group, kind }: ApiResource, fields: object): Record<string, unknown> {
  const isSecret = group === '' && kind === 'Secret'
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isSecret && secretField.test(name) ? hidden(value) : value]),
  )
}

function hidden(value: unknown): unknown {
  if (value === null || value === undefined) return value
  if (typeof value !== 'object') return redacted
  return Object.fromEntries(Object.keys(value).map((key) => [key, redacted]))
}

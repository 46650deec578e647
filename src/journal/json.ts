/** What JSON can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject

export interface JsonObject {
  [key: string]: JsonValue
}

/**
 * Any value as JSON can say it: a journal is never lost because of what a spec put into it.
 *
 * `NaN` and infinities become `null`, big integers and symbols text, maps objects, sets arrays, errors their name and
 * message; a value inside itself becomes `[circular]`. What has a `toJSON` is asked for it, functions and undefined members are left out.
 */
export function toJsonValue(value: unknown): JsonValue {
  return convert(value, []) ?? null
}

/** The text of a JSON file: indented, with a newline at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(toJsonValue(value), null, 2)}\n`
}

function convert(value: unknown, ancestors: readonly object[]): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
    case 'symbol':
      return String(value)
    case 'object':
      return value === null ? null : convertObject(value, ancestors)
    default:
      return undefined
  }
}

function convertObject(value: object, ancestors: readonly object[]): JsonValue | undefined {
  if (ancestors.includes(value)) return '[circular]'
  const path = [...ancestors, value]
  if ('toJSON' in value && typeof value.toJSON === 'function') return convert(ownJson(value.toJSON.bind(value)), path)
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof Set) return convertObject([...value], path)
  if (value instanceof Map) return membersOf(value, path)
  if (Array.isArray(value)) return value.map((item) => convert(item, path) ?? null)
  return membersOf(Object.entries(value), path)
}

function ownJson(toJson: () => unknown): unknown {
  try {
    return toJson()
  } catch (error) {
    return error
  }
}

function membersOf(entries: Iterable<[unknown, unknown]>, path: readonly object[]): JsonObject {
  const members: [string, JsonValue][] = []
  for (const [key, item] of entries) {
    const converted = convert(item, path)
    if (converted !== undefined) members.push([String(key), converted])
  }
  return Object.fromEntries(members)
}

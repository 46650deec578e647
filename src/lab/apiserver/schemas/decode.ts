import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import type { ScalarSchema, Schema, StructSchema } from './schema.ts'

/** A value that has not the type of its field. */
export class ShapeError extends Error {
  constructor(path: string, wanted: string, found: Json) {
    super(`${path || 'the object'}: cannot unmarshal ${typeName(found)} as ${wanted}`)
    this.name = 'ShapeError'
  }
}

const wantedType: Readonly<Record<ScalarSchema['type'], string>> = {
  string: 'string',
  integer: 'integer',
  boolean: 'boolean',
  intOrString: 'integer or string',
  quantity: 'quantity',
  any: 'anything',
}

/**
 * Brings JSON, in place, into the form that its schema promises: fields that are null or empty are absent, structures that are
 * always there are there, quantities are strings.
 * @throws ShapeError with the path of the first value of a wrong type
 */
export function decodeInto(object: JsonObject, schema: StructSchema, path = ''): void {
  dropNulls(object)
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = Object.hasOwn(object, name) ? object[name] : undefined
    const value = given ?? (isAlwaysThere(field) ? emptyOf(field) : undefined)
    if (value === undefined) continue
    object[name] = decode(value, field, path ? `${path}.${name}` : name)
    if (isSameAsAbsent(object[name], field)) delete object[name]
  }
  for (const [name, value] of Object.entries(object)) {
    if (!Object.hasOwn(schema.fields, name)) dropNullsWithin(value)
  }
}

function decode(value: Json, schema: Schema, path: string): Json {
  switch (schema.type) {
    case 'struct':
      if (!isJsonObject(value)) throw new ShapeError(path, 'object', value)
      decodeInto(value, schema, path)
      return value
    case 'map':
      if (!isJsonObject(value)) throw new ShapeError(path, 'map', value)
      dropNulls(value)
      for (const [name, item] of Object.entries(value)) value[name] = decode(item, schema.values, `${path}.${name}`)
      return value
    case 'list':
      if (!Array.isArray(value)) throw new ShapeError(path, 'list', value)
      return value.map((item, index) => decode(item, schema.items, `${path}[${index}]`))
    default:
      return decodeScalar(value, schema, path)
  }
}

function decodeScalar(value: Json, { type }: ScalarSchema, path: string): Json {
  if (type === 'any') {
    dropNullsWithin(value)
    return value
  }
  if (type === 'quantity' && typeof value === 'number') return String(value)
  if (!isScalarOf(type, value)) throw new ShapeError(path, wantedType[type], value)
  return value
}

function isScalarOf(type: ScalarSchema['type'], value: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'intOrString':
      return typeof value === 'string' || Number.isSafeInteger(value)
    default:
      return typeof value === 'string'
  }
}

function isAlwaysThere(schema: Schema): boolean {
  return 'always' in schema && schema.always === true
}

function isSameAsAbsent(value: Json, schema: Schema): boolean {
  switch (schema.type) {
    case 'list':
      return !isAlwaysThere(schema) && Array.isArray(value) && value.length === 0
    case 'map':
      return isJsonObject(value) && Object.keys(value).length === 0
    case 'struct':
      return false
    default:
      return schema.zeroIsAbsent === true && !value
  }
}

function emptyOf(schema: Schema): Json {
  return schema.type === 'list' ? [] : {}
}

function dropNulls(object: JsonObject): void {
  for (const [name, value] of Object.entries(object)) {
    if (value === null) delete object[name]
  }
}

function dropNullsWithin(value: Json): void {
  if (Array.isArray(value)) value.forEach(dropNullsWithin)
  else if (isJsonObject(value)) {
    dropNulls(value)
    Object.values(value).forEach(dropNullsWithin)
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

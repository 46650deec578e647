import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import { fieldOf, type Schema } from '../schemas/schema.ts'

/**
 * A set of fields, in the form in which `managedFields` has it (FieldsV1): `f:` a field, `k:` an item of a list by its
 * key, `v:` an item by its value, `.` the thing itself. What has nothing below it is a field as a whole.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export interface FieldSet {
  [element: string]: FieldSet
}

/** All fields of a value. */
export function fieldsOf(value: Json, schema: Schema | undefined): FieldSet {
  const parts = partsOf(value, schema)
  if (!parts || parts.length === 0) return {}
  const fields: FieldSet = isItself(schema) ? { '.': {} } : {}
  for (const { element, value: part, schema: below } of parts) fields[element] = fieldsOfPart(element, part, below)
  return fields
}

/** The fields of a value that are not in another, or are different there. */
export function changedFields(value: Json, before: Json | undefined, schema: Schema | undefined): FieldSet | undefined {
  if (before === undefined) return fieldsOf(value, schema)
  const parts = partsOf(value, schema)
  const partsBefore = partsOf(before, schema)
  if (!parts || !partsBefore || parts.length === 0) return isDeepStrictEqual(value, before) ? undefined : {}
  const changed: FieldSet = {}
  const known = byElement(partsBefore)
  for (const { element, value: part, schema: below } of parts) {
    const found = known.get(element)
    const fields = found ? changedFields(part, found.value, below) : fieldsOfPart(element, part, below)
    if (fields) changed[element] = fields
  }
  return isEmpty(changed) ? undefined : changed
}

/** The fields of one set or the other. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const below: FieldSet = { ...partsOfSet(a) }
  for (const [element, part] of Object.entries(partsOfSet(b))) {
    below[element] = below[element] ? union(below[element], part) : part
  }
  return withItself(below, hasItself(a) || hasItself(b)) ?? {}
}

/** The fields of a set that are not in another; undefined when none is left. */
export function without(set: FieldSet, other: FieldSet): FieldSet | undefined {
  const below: FieldSet = {}
  for (const [element, part] of Object.entries(partsOfSet(set))) {
    const removed = other[element]
    const left = removed ? without(part, removed) : part
    if (left) below[element] = left
  }
  return withItself(below, hasItself(set) && !hasItself(other))
}

/** A value without the fields of a set: an item of a list goes with all that it has, a field when it has nothing left. */
export function removeFields(value: Json, set: FieldSet, schema: Schema | undefined): Json {
  const kept: [string, Json][] = []
  for (const { element, value: part, schema: below } of partsOf(value, schema) ?? []) {
    const removed = set[element]
    const left = removed ? removedFrom(element, part, removed, below) : part
    if (left !== undefined) kept.push([element.slice(2), left])
  }
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept)
}

function removedFrom(element: string, part: Json, removed: FieldSet, schema: Schema | undefined): Json | undefined {
  const isWhole = element.startsWith('f:') ? (partsOf(part, schema) ?? []).length === 0 : true
  if (isWhole && hasItself(removed)) return undefined
  const left = removeFields(part, removed, schema)
  return hasItself(removed) && partsOf(left, schema)?.length === 0 ? undefined : left
}

/** Whether a set has the thing itself, and not only parts of it. */
function hasItself(set: FieldSet): boolean {
  return isEmpty(set) || '.' in set
}

function partsOfSet({ '.': _itself, ...parts }: FieldSet): FieldSet {
  return parts
}

function withItself(parts: FieldSet, itself: boolean): FieldSet | undefined {
  if (isEmpty(parts)) return itself ? {} : undefined
  return itself ? { '.': {}, ...parts } : parts
}

/** A part of a value, and the element of a set that stands for it. */
export interface ValuePart {
  element: string
  value: Json
  schema: Schema | undefined
}

/** The parts of a value that have owners of their own; undefined where it is owned as a whole. */
export function partsOf(value: Json, schema: Schema | undefined): ValuePart[] | undefined {
  if (Array.isArray(value)) {
    if (schema?.type !== 'list') return undefined
    if (schema.union)
      return value.map((item) => ({ element: `v:${JSON.stringify(item)}`, value: item, schema: undefined }))
    const { mergeKey, items } = schema
    if (!mergeKey || !value.every(isJsonObject)) return undefined
    return value.map((item) => ({
      element: `k:${JSON.stringify({ [mergeKey]: (item as JsonObject)[mergeKey] ?? null })}`,
      value: item,
      schema: items,
    }))
  }
  if (!isJsonObject(value)) return undefined
  return Object.entries(value).map(([name, part]) => ({
    element: `f:${name}`,
    value: part,
    schema: fieldOf(schema, name),
  }))
}

/** The parts by their elements; of those that have the same, the first. */
export function byElement(parts: readonly ValuePart[]): ReadonlyMap<string, ValuePart> {
  return new Map(parts.toReversed().map((part) => [part.element, part]))
}

/** Items of a list are there themselves, beside their fields. */
function fieldsOfPart(element: string, value: Json, schema: Schema | undefined): FieldSet {
  const fields = fieldsOf(value, schema)
  return element.startsWith('k:') ? { '.': {}, ...fields } : fields
}

function isItself(schema: Schema | undefined): boolean {
  return schema?.type === 'map'
}

function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

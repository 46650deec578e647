/**
 * What is known of the form of objects: the types of the fields that the server reads, which of them are always there,
 * and how patches merge lists. Fields that are not listed are kept as they are. Lists and maps that are empty are the
 * same as not given.
 */
export type Schema = ScalarSchema | StructSchema | ListSchema | MapSchema

export interface ScalarSchema {
  type: 'string' | 'integer' | 'boolean' | 'intOrString' | 'quantity' | 'any'
  /** Whether false, 0 and '' are the same as not given. */
  zeroIsAbsent?: boolean
}

export interface StructSchema {
  type: 'struct'
  fields: Readonly<Record<string, Schema>>
  /** Whether it is there, empty, when it was not given. */
  always?: boolean
}

export interface ListSchema {
  type: 'list'
  items: Schema
  always?: boolean
  /** The field that identifies an item in a strategic merge patch; without one a patch replaces the list. */
  mergeKey?: string
  /** Whether a strategic merge patch adds its values to those of the list. */
  union?: boolean
}

export interface MapSchema {
  type: 'map'
  values: Schema
}

export const text: ScalarSchema = { type: 'string' }
export const integer: ScalarSchema = { type: 'integer' }
export const flag: ScalarSchema = { type: 'boolean' }
export const intOrString: ScalarSchema = { type: 'intOrString' }
export const quantity: ScalarSchema = { type: 'quantity' }
export const anything: ScalarSchema = { type: 'any' }

export function struct(fields: Readonly<Record<string, Schema>>): StructSchema {
  return { type: 'struct', fields }
}

export function list(items: Schema): ListSchema {
  return { type: 'list', items }
}

/** A list whose items are merged by a key. */
export function listBy(mergeKey: string, items: Schema): ListSchema {
  return { type: 'list', items, mergeKey }
}

/** A list of scalars that patches add to. */
export function union(items: Schema): ListSchema {
  return { type: 'list', items, union: true }
}

export function map(values: Schema): MapSchema {
  return { type: 'map', values }
}

/** The same, but there even when it was not given. */
export function always<S extends StructSchema | ListSchema>(schema: S): S {
  return { ...schema, always: true }
}

/** The same, but of which false, 0 and '' are the same as not given. */
export function unlessZero(schema: ScalarSchema): ScalarSchema {
  return { ...schema, zeroIsAbsent: true }
}

/** The schema of a field of what a schema describes; undefined where nothing is known. */
export function fieldOf(schema: Schema | undefined, field: string): Schema | undefined {
  if (schema?.type === 'map') return schema.values
  return schema?.type === 'struct' && Object.hasOwn(schema.fields, field) ? schema.fields[field] : undefined
}

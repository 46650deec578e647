import { isJsonObject, type Json, type JsonObject, shown } from '../objects.ts'
import { fieldOf, type ListSchema, type Schema } from '../schemas/schema.ts'
import { badRequest } from '../status.ts'
import { type Identify, inOrderOf } from './order.ts'

/*
 * A strategic merge patch: as a merge patch, but lists with a merge key are merged item by item, and directives say
 * what JSON cannot. Written after the published description of the format
 * (https://git.k8s.io/community/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
 */

const patchDirective = '$patch'
const retainKeysDirective = '$retainKeys'
const setOrderPrefix = '$setElementOrder/'
const deleteFromPrefix = '$deleteFromPrimitiveList/'

/** @throws StatusError 400 for a directive that there is not, or an item without its merge key */
export function strategicMergePatch(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  return mergeObject(target, patch, schema)
}

function mergeObject(target: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  const directive = patch[patchDirective]
  if (directive === 'delete') return {}
  const base = directive === 'replace' ? {} : target
  if (directive !== undefined && directive !== 'replace' && directive !== 'merge') throw unknownDirective(directive)
  const merged = retained(base, patch[retainKeysDirective])
  for (const field of Object.keys(patch).filter((key) => key.startsWith(deleteFromPrefix))) {
    removeScalars(merged, field.slice(deleteFromPrefix.length), patch[field] ?? null)
  }
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue
    if (value === null) delete merged[field]
    else merged[field] = mergeValue(merged[field], value, fieldOf(schema, field), listOf(patch[setOrderPrefix + field]))
  }
  orderUntouched(merged, patch, schema)
  return merged
}

/** Lists that the patch orders without changing them. */
function orderUntouched(merged: JsonObject, patch: JsonObject, schema: Schema | undefined): void {
  for (const key of Object.keys(patch).filter((candidate) => candidate.startsWith(setOrderPrefix))) {
    const field = key.slice(setOrderPrefix.length)
    const current = merged[field]
    if (field in patch || !Array.isArray(current)) continue
    merged[field] = inOrderOf(current, listOf(patch[key]) ?? [], current, identityOf(fieldOf(schema, field)))
  }
}

function mergeValue(current: Json | undefined, patch: Json, schema: Schema | undefined, order?: Json[]): Json {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(current) ? current : {}, patch, schema)
  if (!Array.isArray(patch)) return patch
  if (schema?.type !== 'list') return patch
  const items = Array.isArray(current) ? current : []
  if (schema.mergeKey) return mergeItems(items, patch, schema, schema.mergeKey, order)
  return schema.union ? uniteScalars(items, patch, order) : patch
}

function mergeItems(current: Json[], patch: Json[], schema: ListSchema, mergeKey: string, order = patch): Json[] {
  const identify = identityOf(schema)
  const changes = patch.map((item) => requireKey(item, mergeKey))
  const replaces = changes.some((change) => change[patchDirective] === 'replace')
  const merged: (Json | undefined)[] = replaces ? [] : [...current]
  const places = Map.groupBy(merged.keys(), (place) => identify(merged[place] ?? null))
  for (const change of changes) {
    if (change[patchDirective] === 'replace' && !(mergeKey in change)) continue
    const identity = identify(change)
    const found = places.get(identity) ?? []
    if (change[patchDirective] === 'delete') {
      for (const place of found) merged[place] = undefined
      places.delete(identity)
      continue
    }
    const [place = merged.length] = found
    const item = merged[place]
    merged[place] = mergeObject(isJsonObject(item) ? item : {}, change, schema.items)
    if (found.length === 0) places.set(identity, [place])
  }
  const left = merged.filter((item) => item !== undefined)
  return inOrderOf(left, order, current, identify)
}

function uniteScalars(current: Json[], patch: Json[], order = patch): Json[] {
  const all = new Map([...current, ...patch].map((value) => [JSON.stringify(value), value]))
  const added = [...all.values()].slice(new Set(current.map((value) => JSON.stringify(value))).size)
  return inOrderOf([...current, ...added], order, current, JSON.stringify)
}

/** Items are the same by their merge key, where there is one, or as a whole. */
function identityOf(schema: Schema | undefined): Identify {
  const mergeKey = schema?.type === 'list' ? schema.mergeKey : undefined
  if (!mergeKey) return JSON.stringify
  return (item) => JSON.stringify(isJsonObject(item) ? (item[mergeKey] ?? null) : [item])
}

function removeScalars(merged: JsonObject, field: string, values: Json): void {
  const current = merged[field]
  if (Array.isArray(current) && Array.isArray(values)) {
    const removed = new Set(values)
    merged[field] = current.filter((value) => !removed.has(value))
  }
}

/** A copy with only the fields to retain, where the patch names some. */
function retained(object: JsonObject, keys: Json | undefined): JsonObject {
  if (keys === undefined) return { ...object }
  if (!Array.isArray(keys)) throw badRequest(`${retainKeysDirective} is a list of fields`)
  return Object.fromEntries(Object.entries(object).filter(([field]) => keys.includes(field)))
}

function requireKey(item: Json, mergeKey: string): JsonObject {
  if (!isJsonObject(item)) throw badRequest(`an item of a list that is merged by "${mergeKey}" is not an object`)
  if (!(mergeKey in item) && item[patchDirective] !== 'replace') {
    throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`)
  }
  return item
}

function listOf(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function unknownDirective(directive: Json): Error {
  return badRequest(`unknown patch type: ${shown(directive)}: ${patchDirective} is one of replace, merge, delete`)
}

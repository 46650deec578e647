import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import { fieldOf, type ListSchema, type Schema } from '../schemas/schema.ts'
import { badRequest } from '../status.ts'
import { inOrderOf, type SameItem } from './order.ts'

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
    merged[field] = inOrderOf(current, listOf(patch[key]) ?? [], current, sameItem(fieldOf(schema, field)))
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
  const changes = patch.map((item) => requireKey(item, mergeKey))
  const replaces = changes.some((change) => change[patchDirective] === 'replace')
  let merged: Json[] = replaces ? [] : [...current]
  for (const change of changes) {
    const isChanged = (item: Json): boolean => isJsonObject(item) && isDeepStrictEqual(item[mergeKey], change[mergeKey])
    if (change[patchDirective] === 'delete') {
      merged = merged.filter((item) => !isChanged(item))
      continue
    }
    if (change[patchDirective] === 'replace' && !(mergeKey in change)) continue
    const index = merged.findIndex(isChanged)
    const found = merged[index]
    const next = mergeObject(isJsonObject(found) ? found : {}, change, schema.items)
    if (index < 0) merged.push(next)
    else merged[index] = next
  }
  return inOrderOf(merged, order, current, sameItem(schema))
}

function uniteScalars(current: Json[], patch: Json[], order = patch): Json[] {
  const added = patch.filter((value, index) => !current.includes(value) && patch.indexOf(value) === index)
  return inOrderOf([...current, ...added], order, current, isDeepStrictEqual)
}

function sameItem(schema: Schema | undefined): SameItem {
  const mergeKey = schema?.type === 'list' ? schema.mergeKey : undefined
  if (!mergeKey) return isDeepStrictEqual
  return (a, b) => isJsonObject(a) && isJsonObject(b) && isDeepStrictEqual(a[mergeKey], b[mergeKey])
}

function removeScalars(merged: JsonObject, field: string, values: Json): void {
  const current = merged[field]
  if (Array.isArray(current) && Array.isArray(values)) {
    merged[field] = current.filter((value) => !values.includes(value))
  }
}

/** A copy with only the fields to retain, where the patch names some. */
function retained(object: JsonObject, keys: Json | undefined): JsonObject {
  if (keys === undefined) return { ...object }
  if (!Array.isArray(keys)) throw badRequest(`${retainKeysDirective} is a list of fields`)
  return Object.fromEntries(Object.entries(object).filter(([field]) => keys.includes(field)))
}

function requireKey(item: Json, mergeKey: string): JsonObject {
  if (!isJsonObject(item)) throw badRequest(`an item of a list that is merged by "${mergeKey}" is no object`)
  if (!(mergeKey in item) && item[patchDirective] !== 'replace') {
    throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`)
  }
  return item
}

function listOf(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function unknownDirective(directive: Json): Error {
  return badRequest(`unknown patch type: ${String(directive)}: ${patchDirective} is one of replace, merge, delete`)
}

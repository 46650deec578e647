import { isJsonObject, type Json, type JsonObject } from '../objects.ts'

/** A JSON merge patch (RFC 7396): null removes, objects merge, all else replaces. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field]
    else merged[field] = mergePatch(merged[field] ?? null, value)
  }
  return merged
}

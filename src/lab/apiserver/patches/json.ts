import fastJsonPatch, { type Operation } from 'fast-json-patch'
import type { Json } from '../objects.ts'
import { badRequest, unprocessable } from '../status.ts'

/**
 * A JSON patch (RFC 6902).
 * @throws StatusError 400 when it is none, 422 when it does not apply
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  try {
    return fastJsonPatch.applyPatch(target, patch as unknown as Operation[], true, false).newDocument as Json
  } catch (error) {
    if (!(error instanceof fastJsonPatch.JsonPatchError)) throw error
    throw unprocessable('the server rejected our request due to an error in our request')
  }
}

import type { JsonObject } from '../objects.ts'
import { decodeInto, ShapeError } from '../schemas/decode.ts'
import type { StructSchema } from '../schemas/schema.ts'
import { badRequest } from '../status.ts'

/**
 * Brings JSON of a client, in place, into the form of a kind.
 * @throws StatusError 400 when it has another form
 */
export function shapeInto(
  json: JsonObject,
  schema: StructSchema,
  { kind, version }: { kind: string; version: string },
): void {
  try {
    decodeInto(json, schema)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`)
  }
}
